"""What findings make of a picture or a video."""

from __future__ import annotations

from shouxin.detection.media.media_finding import MediaFinding, MediaForm, MediaKind, items_of
from shouxin.domain.items import grade, taxonomy


def _items(form: MediaForm, *kinds: str, score: float = 0.9) -> set[str]:
    return set(items_of(form, [MediaFinding(kind, score) for kind in kinds]))


def test_an_identity_card_is_its_image_and_what_its_fields_hold() -> None:
    """The image of a card has the item of the image and the items of what was read on it."""
    assert _items(MediaForm.PICTURE, "id_front", "resident_id") == {"image.id_front", "identity.id_number"}
    assert grade(["image.id_front"]).level == 3


def test_a_video_of_a_person_is_always_at_the_top() -> None:
    """A face in a video gives it the highest level and class that any item of a person has."""
    held = grade(_items(MediaForm.VIDEO, "face"))
    assert held.level == max(one.level for one in taxonomy().items.values())
    assert (held.klass, held.sensitive) == ("C3", True)
    assert "interview.video" in _items(MediaForm.VIDEO, "face")
    assert "interview.video" not in _items(MediaForm.VIDEO, "resident_id")


def test_a_voice_singles_out_when_its_face_is_seen() -> None:
    """Speech in a video of a person is a voice print; a recording alone is a recording."""
    assert "biometric.voiceprint" in _items(MediaForm.VIDEO, "face", "speech")
    assert _items(MediaForm.SOUND, "speech") == {"interview.audio"}


def test_weak_findings_count_for_nothing() -> None:
    """Below one half nothing is graded, as everywhere in the survey."""
    assert not _items(MediaForm.VIDEO, "face", "speech", "resident_id", score=0.49)


def test_every_kind_has_an_item_of_the_taxonomy() -> None:
    """No kind is without an item."""
    assert all(items_of(MediaForm.PICTURE, [MediaFinding(kind.value, 1.0)]) for kind in MediaKind)
    assert {code for kind in MediaKind for code in _items(MediaForm.VIDEO, kind.value)} <= set(taxonomy().items)
