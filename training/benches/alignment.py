"""How far a reading is from the official text that stands somewhere in it."""


def infix_distance(truth: str, read: str) -> int:
    """The fewest edits between ``truth`` and any stretch of ``read``.

    What is read before and after the truth (letterheads, signatures) costs nothing; what stands
    in between (page numbers, footers, margin notes) counts. Insertions, deletions and
    substitutions cost 1 each. Myers' bit-parallel search (J. ACM 46, 1999) with an integer for a
    column of the table: about a second for 60,000 letters.
    """
    if not truth:
        return 0
    places: dict[str, int] = {}
    for index, char in enumerate(truth):
        places[char] = places.get(char, 0) | 1 << index
    every, last = (1 << len(truth)) - 1, 1 << (len(truth) - 1)
    rises, falls = every, 0  # rows of the column in which the distance grows, and shrinks
    best = score = len(truth)
    for char in read:
        same = places.get(char, 0)
        aside = same | falls
        across = (((same & rises) + rises) ^ rises) | same
        grows = falls | (every & ~(across | rises))
        shrinks = rises & across
        score += bool(grows & last) - bool(shrinks & last)
        best = min(best, score)
        grows, shrinks = (grows << 1) & every, (shrinks << 1) & every
        rises = shrinks | (every & ~(aside | grows))
        falls = grows & aside
    return best


def character_error(truth: str, read: str) -> float:
    """:func:`infix_distance` per letter of the truth, runs of white space being one space.

    Raises:
        ValueError: the truth is empty.
    """
    wanted = " ".join(truth.split())
    if not wanted:
        raise ValueError("there is no truth to compare with")
    return infix_distance(wanted, " ".join(read.split())) / len(wanted)
