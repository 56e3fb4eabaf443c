"""What is said of a file from anywhere: PDF or container, honest or hostile."""
