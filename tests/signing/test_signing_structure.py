"""The CMS structure of our signatures."""

from signing import Pki


async def test_the_structure_is_what_pyhanko_would_have_made(pki: Pki) -> None:
    """Put together as DER here, through objects there: byte for byte the same."""
    from pyhanko.sign.signers import Signer as CmsSigner

    from signing.creation.stamper import LocalTimeStamper
    from signing.keys.keyring import KeySigner, MemoryKey

    key = MemoryKey(pki.key("leader"), pki.certificate("leader"), (pki.certificate("issuing"),))
    signer = KeySigner(key, ())
    ours = await signer.signed_attrs(bytes(range(32)), "sha256", use_pades=True)
    theirs = await CmsSigner.signed_attrs(signer, bytes(range(32)), "sha256", use_pades=True)
    assert ours.dump() == theirs.dump(force=True)
    plain = await signer.async_sign_prescribed_attributes("sha256", ours)
    whole = await CmsSigner.async_sign_prescribed_attributes(signer, "sha256", theirs)
    assert plain.dump() == whole.dump(force=True)
    stamped = await signer.async_sign_prescribed_attributes(
        "sha256", ours, timestamper=LocalTimeStamper(pki)
    )
    (info,) = stamped["content"]["signer_infos"]
    (attribute,) = info["unsigned_attrs"]
    assert attribute["type"].native == "signature_time_stamp_token"
