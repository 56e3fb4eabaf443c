"""The zones of a form as lines to learn from."""

from datetime import UTC, date, datetime
from pathlib import Path

import cv2
import numpy as np
from drawn_lines import drawn_line

import ocr
from ocr import ReadingOptions, lessons, tasks
from ocr.recognition.line_reader import line_reader
from schemas.validators import FieldType
from sohoa import sample

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 30, tzinfo=UTC)
OPTIONS = ReadingOptions()


def test_each_written_line_is_cut_under_the_path_of_its_value(tmp_path: Path) -> None:
    path = sample.draw_sample(tmp_path, TODAY)[0]
    pages = [ocr.read_page(path, 1, OPTIONS)]
    found = tasks.zone_pictures(path, pages, (), OPTIONS, "ct01@66/2023")
    answers = sample.sample_answers(TODAY)
    images = {name: cv2.imdecode(np.frombuffer(png, np.uint8), 0) for name, png in found.items()}
    assert line_reader().read(images["full_name"])[0].text == answers.applicant.name
    assert {"members.0.full_name", "sex"} <= set(images)
    assert not {"personal_id", "dob", "phone"} & set(images)
    assert tasks.zone_pictures(path, pages, (), OPTIONS, "none@1") == {}


def test_what_is_read_right_already_or_stands_elsewhere_is_not_kept(tmp_path: Path) -> None:
    print_, struck = drawn_line("Trần Minh Hoa"), drawn_line("Trần Minh Hoa", struck=True)

    def kept(picture: np.ndarray, text: str) -> bool:
        line = lessons.line(text, FieldType.name.value, lessons.Source.correction, NOW)
        return lessons.keep_worthwhile(tmp_path, cv2.imencode(".png", picture)[1].tobytes(), line)

    assert not kept(print_, "Trần Minh Hoa")
    assert not kept(struck, "45/2 đường số 7, phường 11")
    assert kept(struck, "Trần Minh Hoa")
    assert not lessons.keep_worthwhile(tmp_path, b"", lessons.kept(tmp_path)[0].line)
