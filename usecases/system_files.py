"""What machines leave in shared folders: bins, thumbnails, streams, locks, half-made copies.

None of it is a paper. A bin above all: what a clerk deleted must not be digitised, signed and kept
for ten years. Names are compared without case, since SMB shares and macOS keep none, and in NFC.

Sources: Synology DSM and QNAP QTS (``@eaDir``, ``@Recycle``), NTFS and its alternate data streams
as Samba and WSL write them (``:`` becomes U+F022 or U+F03A, MS-FSCC 2.1.5), the freedesktop trash
specification, macOS (``._*``, ``__MACOSX``), NetApp and ZFS snapshots, Microsoft Office.
"""

import re
import unicodedata

_NAMES = frozenset(
    {
        # Windows
        "$recycle.bin", "recycled", "recycler", "system volume information", "$extend",
        "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "autorun.inf",
        "config.msi", "msdownld.tmp", "found.000", "indexervolumeguid", "wpsettings.dat",
        # NAS boxes
        "@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@recovery",
        "@sharebin", "@sharesnap", "@tmp", "@appdata", "@database", "@upload_cache",
        "network trash folder", "recycle bin", "recycle.bin", "recyclebin", "recycle",
        "trashbox", "trash", "trashcan", "~snapshot",
        # macOS
        "__macosx", "icon\r", "temporary items", "thevolumesettingsfolder", "desktop db",
        "desktop df",
        # Linux
        "lost+found", "aquota.user", "aquota.group", "quota.user", "quota.group",
    }
)  # fmt: skip
_BEGINNINGS = ("~$", "_nas_recycle_", "network recycle bin", "recycle bin ", "@gmt-")
_ENDINGS = (
    ".tmp", ".temp", ".part", ".partial", ".crdownload", ".filepart", ".download", ".opdownload",
    ".swp", ".laccdb", "@synoeastream", "@synoresource", "zone.identifier",
    ".ghi-chu.txt",
)  # fmt: skip
"""``.ghi-chu.txt`` is a note of ours that came back with its file."""
_STREAM = re.compile(
    r"[:\uf022\uf03a](\$data|smartscreen|afp_\w+|encryptable|favicon"
    r"|[^:]*[:\uf022\uf03a]\$data|com\.(apple|dropbox|microsoft)\..*|ms-properties)$"
)
_SAFE_SAVE = re.compile(r"\.sb-[0-9a-f]{8}-\w{6}$")  # macOS, while it saves


def is_system_file(name: str) -> bool:
    """Whether no clerk means the file or folder called ``name`` (one part of a path)."""
    if name.startswith("."):
        return True
    low = unicodedata.normalize("NFC", name).casefold()
    bare = low.rstrip(" .")
    return (
        low in _NAMES
        or bare in _NAMES
        or low.startswith(_BEGINNINGS)
        or low.endswith(_ENDINGS)
        or _STREAM.search(low) is not None
        or _SAFE_SAVE.search(low) is not None
        or re.fullmatch(r"found\.\d{3}", low) is not None
    )
