"""A notebook's set-up refuses what papermill would pass."""

import nbformat
import papermill
import pytest

SETUP = "from tradebalance.pages import show\nshow.refuse_unknown_parameters()"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [({}, None), ({"scenario": "s_curve"}, None), ({"scenaro": "s_curve"}, "did you mean 'scenario'?")],
)
def test_a_misspelt_parameter_is_refused_with_the_nearest(tmp_path, parameters, words):
    book = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    )
    said = nbformat.v4.new_code_cell("scenario: str = 'even'\ndraws = 0", metadata={"tags": ["parameters"]})
    book.cells = [said, nbformat.v4.new_code_cell(SETUP)]
    nbformat.write(book, tmp_path / "book.ipynb")

    def run():
        papermill.execute_notebook(tmp_path / "book.ipynb", tmp_path / "out.ipynb", parameters, progress_bar=False)

    if words is None:
        run()
    else:
        with pytest.raises(papermill.PapermillExecutionError) as failed:
            run()
        assert words in failed.value.evalue
