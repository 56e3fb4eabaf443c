"""What lies in a file: kind, wholeness, pages, pictures, annotations; nothing is read yet."""
