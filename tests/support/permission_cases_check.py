"""Cases of the use cases behind withdrawing on a page, and codes for drawn results."""

from permission_cases import SIGNER, Case

from usecases import reserved_codes, withdrawal

OF_CHECKS: dict[str, Case] = {
    "reserved_codes.reserved_link": Case(
        {SIGNER}, lambda a: reserved_codes.reserved_link(a.caller, a.rooms)
    ),
    "withdrawal.withdraw_named": Case(
        {SIGNER},
        lambda a: withdrawal.withdraw_named(a.caller, a.rooms, a.code, 1, "ban hành nhầm"),
        True,
    ),
}
