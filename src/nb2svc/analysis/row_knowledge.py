"""What is known of calls and rows, as data: which results have a row for each row of what they are made from, in its order."""

SAME_ROWS = frozenset(
    """abs add assign astype between bfill capitalize cat ceil clip  contains copy cummax cummin cumprod cumsum
    day_name diff div divide dt endswith eq ffill fillna floor floordiv ge get gt interpolate isin isna
    isnull le len lower lstrip lt map mask mod month_name mul multiply ne normalize notna notnull pad pct_change pop
    pow radd rank rdiv rename rename_axis replace reshape rmul round rpow rstrip rsub select_dtypes shift slice startswith str
    strftime strip sub subtract swapcase title to_frame to_period to_timestamp total_seconds transform truediv upper where
    zfill add_prefix add_suffix applymap infer_objects convert_dtypes eval squeeze""".split()
)
"""Methods of tables and columns whose result has the same rows in the same order, under the same labels."""

BARE_ROWS = frozenset({"to_numpy", "tolist", "to_list", "toarray", "todense", "ravel", "flatten", "to_records"})
"""…and has lost its labels."""

SELECTING = frozenset(
    {"dropna", "drop_duplicates", "query", "head", "tail", "nlargest", "nsmallest", "sort_values", "sort_index"}
)
"""Methods whose result has some of the rows, or another order, under the labels that they had: equal calls, equal rows."""

REPEATABLE = frozenset("len int round range min max sum mean median quantile".split())
"""Calls that an expression may make which chooses the same rows each time."""

SAMPLING = frozenset({"sample"})
RELABELLING = frozenset({"reset_index", "set_index"})

OVER_COLUMNS = frozenset("mean sum max min std var median any all argmax argmin idxmax idxmin nunique count prod".split())
"""Reductions that make a value for each row when they are told `axis=1`."""

ROW_FUNCTIONS = frozenset(
    """numpy.abs numpy.absolute numpy.array numpy.asarray numpy.around numpy.ascontiguousarray numpy.cbrt numpy.ceil numpy.clip
    numpy.exp numpy.expm1 numpy.fabs numpy.fix numpy.floor numpy.invert numpy.isfinite numpy.isin numpy.isinf numpy.isnan
    numpy.log numpy.log10 numpy.log1p numpy.log2 numpy.logical_and numpy.logical_not numpy.logical_or numpy.maximum
    numpy.minimum numpy.multiply numpy.nan_to_num numpy.negative numpy.power numpy.rint numpy.round numpy.select numpy.sign
    numpy.sqrt numpy.square numpy.squeeze numpy.subtract numpy.add numpy.divide numpy.where numpy.ravel numpy.column_stack
    numpy.digitize
    pandas.get_dummies pandas.to_datetime pandas.to_numeric pandas.cut pandas.qcut pandas.isna pandas.isnull pandas.notna
    pandas.notnull builtins.list builtins.tuple scipy.special.expit scipy.sparse.csr_matrix""".split()
)
"""Functions whose result has a row for each row of their first argument that has rows, in its order."""

LABELS_LOST = frozenset({"numpy.array", "numpy.asarray", "numpy.ascontiguousarray", "builtins.list", "builtins.tuple"})
BUILDING = frozenset({"pandas.Series", "pandas.DataFrame"})
"""Constructors: rows of what they are given, labels of `index=` where that is told."""

MODEL_METHODS = frozenset(
    """predict predict_proba predict_log_proba decision_function transform fit_transform fit_predict inverse_transform
    score_samples""".split()
)
"""Methods of estimators whose result has a row for each row of their argument."""

TABLE_ATTRIBUTES = frozenset(
    "loc iloc at iat shape columns dtypes dtype ndim size empty T index values array name nbytes plot axes flags attrs".split()
)
"""Attributes of a table that are none of its columns."""

ACCESSORS = frozenset({"str", "dt", "cat", "sparse"})

PAIRING_METHODS = frozenset({"fit", "score", "partial_fit"})
PAIRING_ENDINGS = ("_score", "_error", "_loss", "_curve", "_matrix", "_report", "_deviance", "from_predictions")
"""Methods that take row i of the first argument and row i of the second for one row; so do functions of `sklearn.metrics` that
end so (`pairwise_distances` does not).
"""

TRAINING_CALLS = frozenset(
    """fit fit_transform fit_predict fit_resample partial_fit cross_val_score cross_val_predict cross_validate learning_curve
    validation_curve permutation_test_score train_on_batch fit_generator backward""".split()
)
"""Calls that train."""
