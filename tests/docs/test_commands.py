"""The runner of the documentation's commands notices what does not work."""

import re
from pathlib import Path

import pytest

from docs.commands import Malformed, blocks, run, script

README = Path(__file__).resolve().parent.parent.parent / "README.md"
RUN_ANYWAY = {"make run\n", "make test\n"}
"""What is checked by running it, but not from here: the demo by its own tests, the tests by themselves."""
RUN = "<!-- run -->\n```sh\n"


def succeeds(markdown: str, directory: Path) -> bool:
    return run(script("a.md", list(blocks(markdown))), directory)


def test_every_command_of_the_readme_is_run_as_written() -> None:
    text = README.read_text(encoding="utf-8")
    written = re.findall(r"^```(?:sh|bash|console)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(written) > len(RUN_ANYWAY)
    assert [block.text for block in blocks(text)] == [block for block in written if block not in RUN_ANYWAY]


def test_blocks_of_a_file_share_one_shell(tmp_path: Path) -> None:
    assert succeeds(f"{RUN}export WORD=yes\n```\ntext\n\n{RUN}echo $WORD >said\n```\n", tmp_path)
    assert (tmp_path / "said").read_text() == "yes\n"


def test_unmarked_blocks_are_not_run(tmp_path: Path) -> None:
    assert succeeds("```sh\nfalse\n```\n```console\n$ false\n```\n", tmp_path)


@pytest.mark.parametrize(
    ("mark", "command", "good"),
    [
        ("", "true", True),
        ("", "false", False),
        ("", "false\ntrue", False),
        ("", "false | cat", False),
        ("", "echo $NOT_SET", False),
        (" exit=3", "(exit 3)", True),
        (" exit=3", "(exit 2)", False),
        (" exit=3", "true", False),
    ],
)
def test_a_command_that_ends_otherwise_than_promised_fails(mark: str, command: str, good: bool, tmp_path: Path) -> None:
    assert succeeds(f"<!-- run{mark} -->\n```sh\n{command}\n```\n", tmp_path) is good


def test_a_service_is_stopped_at_the_end_and_must_end_well(tmp_path: Path) -> None:
    background = "<!-- run background -->\n```sh\n{}\n```\n" + RUN + "until [ -e up ]; do sleep 0.05; done\n```\n"
    polite = "sh -c 'trap \"touch stopped; exit 0\" TERM; touch up; while :; do sleep 0.05; done'"
    assert succeeds(background.format(polite), tmp_path)
    assert (tmp_path / "stopped").exists()
    (tmp_path / "up").unlink()
    rude = "sh -c 'trap \"exit 4\" TERM; touch up; while :; do sleep 0.05; done'"
    assert not succeeds(background.format(rude), tmp_path)


def test_an_indented_block_is_run_without_its_indent() -> None:
    (block,) = blocks("1. first:\n\n   <!-- run -->\n   ```sh\n   cat <<END\n   END\n   ```\n")
    assert block.text == "cat <<END\nEND\n"
    assert block.line == 5


@pytest.mark.parametrize(
    ("markdown", "says"),
    [
        (
            "<!-- run backgruond -->\n```sh\ntrue\n```\n",
            "line 3: unknown: backgruond; allowed: background, ready=, exit=",
        ),
        ("<!-- run -->\n```python\nx = 1\n```\n", "0 blocks for 1 marks"),
        ("<!-- run -->\nSome text.\n\n```sh\ntrue\n```\n", "0 blocks for 1 marks"),
    ],
)
def test_a_misspelt_or_misplaced_mark_is_refused(markdown: str, says: str) -> None:
    with pytest.raises(Malformed, match=re.escape(says)):
        list(blocks(markdown))
