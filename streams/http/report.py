"""What another team hands in: figures of its reports, read from a request's body within the bounds of intake."""

from typing import Annotated, Any

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request

from scorecard.period import Period
from scorecard.reconcile import Reported
from scorecard.report.handed_in import REPORTS_MAX, TooManyPeriods, check_periods
from streams.http.body import BodyError, read_body
from streams.http.parameters import INPUT_CHARS_MAX

PROBLEMS_MAX = 20
"""Problems of a body that are told."""


class Report(BaseModel):
    """A figure of another team's report."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(description="Whose report.", min_length=1, max_length=200)
    metric: str = Field(description="NRR, GRR, logo retention, or R1, R2, R3.", max_length=40)
    period: str = Field(description="As `period` elsewhere.", max_length=64)
    value: str = Field(description="As printed: 112.4% or 1.124.", max_length=40)
    cohort: str = Field("", description="segment=smb; empty for everybody.", max_length=200)

    def read(self) -> Reported:
        """ValueError, which names the field, for what can't be read."""
        Period.parse(self.period)
        return Reported.read(self.source, self.metric, self.period, self.value, self.cohort)


_reports = TypeAdapter(Annotated[list[Report], Field(max_length=REPORTS_MAX)])

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "maxItems": REPORTS_MAX, "items": Report.model_json_schema()}
            }
        },
    }
}
"""For the API's documents: FastAPI itself would read a body of any size, and before it asks who sends it."""


async def handed_in(request: Request) -> list[Reported]:
    """The figures in a request's body. HTTP errors for what can't be read."""
    try:
        found = _reports.validate_json(await read_body(request))
    except BodyError as error:
        raise HTTPException(error.status, str(error)) from None
    except ValidationError as error:
        raise HTTPException(422, [_told(one) for one in error.errors()[:PROBLEMS_MAX]]) from None
    try:
        reports = [one.read() for one in found]
        check_periods(reports)
    except TooManyPeriods as error:
        raise HTTPException(422, [{"loc": ["body", "period"], "msg": str(error)}]) from None
    except ValueError as error:
        raise HTTPException(422, [{"loc": ["body"], "msg": str(error)}]) from None
    return reports


def _told(problem: Any) -> dict[str, Any]:
    return {
        "loc": ["body", *problem["loc"]], "msg": problem["msg"], "input": str(problem["input"])[:INPUT_CHARS_MAX],
    }  # fmt: skip
