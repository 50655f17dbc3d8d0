"""The methods of a SurveyDesign that change its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from survey_sem.sample.weighting.building import Bounds, Request
from survey_sem.sample.weighting.calibrating import calibration_request
from survey_sem.sample.weighting.designs import calibrated_design, responding_design, trimmed_design
from survey_sem.sample.weighting.nonresponse import Form, nonresponse_plan
from survey_sem.sample.weighting.trimming import Unit
from survey_sem.sampling.distances import DistanceKind
from survey_sem.sampling.response_cells import CollapseRule

if TYPE_CHECKING:
    from survey_sem.sample.design.survey_design import SurveyDesign
    from survey_sem.sample.weighting.solving import VarianceRule


class WeightingMethods:
    """Each returns a new design, which remembers what was done to its weights and reports it as ``.weighting``."""

    __slots__ = ()

    def rake(
        self,
        targets: Any,
        *,
        bounds: Bounds | None = None,
        total: float | None = None,
        residuals: VarianceRule = "class-means",
    ) -> SurveyDesign:
        """The design with raked weights; with replicate weights every replicate is raked.

        Parameters
        ----------
        targets, bounds, total
            As in :func:`survey_sem.rake`.
        residuals : {"class-means", "regression"}
            What linearised variances use: residuals as R's survey takes them after raking, from ten passes over the
            margins in which the plain mean of each class is subtracted; or those of the weighted regression on all
            classes, to which the theory of calibration leads (Deville & Saerndal 1992). They differ where margins are
            associated or base weights unequal.

        Raises
        ------
        DataError, OptionError
            As :func:`survey_sem.rake`; a replicate that cannot be raked is named.
        """
        return calibrated_design(_design(self), Request("rake", targets, bounds=bounds, total=total), residuals)

    def poststratify(self, targets: Any, *, total: float | None = None) -> SurveyDesign:
        """The design with post-stratified weights; parameters and errors of :func:`survey_sem.poststratify`."""
        return calibrated_design(_design(self), Request("poststratify", targets, total=total))

    def calibrate(
        self,
        targets: Any,
        *,
        method: DistanceKind = "linear",
        bounds: Bounds | None = None,
        bounds_on: Literal["ratio", "weight"] = "ratio",
        total: float | None = None,
    ) -> SurveyDesign:
        """The design with calibrated weights; parameters and errors of :func:`survey_sem.calibrate`."""
        request = calibration_request(targets, method=method, bounds=bounds, bounds_on=bounds_on, total=total)
        return calibrated_design(_design(self), request)

    def trim(
        self,
        *,
        lower: float | None = None,
        upper: float | None = None,
        unit: Unit = "weight",
        strict: bool = False,
    ) -> SurveyDesign:
        """The design with trimmed weights; parameters and errors of :func:`survey_sem.trim_weights`.

        Variances still use the residuals of earlier calibrations; replicates keep their factors.
        """
        return trimmed_design(_design(self), lower=lower, upper=upper, unit=unit, strict=strict)

    def adjust_nonresponse(
        self,
        responded: str,
        *,
        cells: str | Sequence[str] = (),
        propensity: str | Sequence[str] = (),
        form: Form = "classes",
        n_classes: int = 5,
        weighted: bool = True,
        penalty: float = 0.0,
        least_respondents: int = 1,
        greatest_factor: float | None = None,
        collapse: CollapseRule | None = None,
    ) -> SurveyDesign:
        """The domain of the respondents, who stand for the non-respondents; see :func:`survey_sem.adjust_nonresponse`.

        With replicate weights every replicate is adjusted in the same cells; inverse propensities are not fitted again.
        Linearised variances take the factors as known.
        """
        plan = nonresponse_plan(
            responded,
            cells=cells,
            propensity=propensity,
            form=form,
            n_classes=n_classes,
            weighted=weighted,
            penalty=penalty,
            least_respondents=least_respondents,
            greatest_factor=greatest_factor,
            collapse=collapse,
        )
        return responding_design(_design(self), plan)


def _design(methods: WeightingMethods) -> SurveyDesign:
    return cast("SurveyDesign", methods)
