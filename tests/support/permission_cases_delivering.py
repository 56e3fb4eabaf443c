"""Cases of the use cases about systems that are told of changes."""

from permission_cases import CLERK, OPERATOR, READER, SIGNER, Case

from usecases import inbound, targets

OF_DELIVERING: dict[str, Case] = {
    "targets.targets": Case({OPERATOR}, lambda a: targets.targets(a.caller, a.rooms)),
    "targets.add": Case(
        {OPERATOR},
        lambda a: targets.add(
            a.caller, a.rooms, "dvc", "https://dvc.example.vn/tin", departments=[a.department]
        ),
    ),
    "targets.end": Case({OPERATOR}, lambda a: targets.end(a.caller, a.rooms, "dvc")),
    "targets.deliveries": Case({OPERATOR}, lambda a: targets.deliveries(a.caller, a.rooms)),
    "targets.retry_deliveries": Case(
        {OPERATOR}, lambda a: targets.retry_deliveries(a.caller, a.rooms, "dvc")
    ),
    "inbound.tell": Case(
        {READER, CLERK, SIGNER},
        lambda a: inbound.tell(
            a.caller, a.rooms, "k", {"event": "status_requested", "dossier": a.code}
        ),
    ),
}
