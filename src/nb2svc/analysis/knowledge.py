"""What is known of Python's and the data libraries' names, as data: what changes its object, what draws, reads, shows.

Qualified names are written as the library is imported in full: `pandas.read_csv`, `numpy.random.seed`. Nothing here imports one.
"""

import builtins
from collections.abc import Mapping

from nb2svc.ir.dataflow import EffectKind

BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "display", "get_ipython", "_ih", "_oh", "_dh"}
INTERACTIVE_NAMES = frozenset({"_", "__", "___", "_i", "_ii", "In", "Out"})
"""What IPython alone defines: the last answers and inputs."""

STRING_NAME_CALLS = frozenset({"query", "eval"})
"""Calls whose string literal names Python variables: `df.query("a > @k")`, `eval("a + b")`."""

KNOWN_LIBRARIES = frozenset(
    """abc argparse ast base64 bisect calendar cmath collections contextlib copy csv dataclasses datetime decimal difflib enum
    fractions functools gc getpass glob gzip hashlib heapq html importlib inspect io itertools json locale logging math numbers
    operator os pathlib pickle platform pprint random re secrets shutil signal socket sqlite3 ssl statistics string subprocess
    sys tempfile textwrap threading time timeit traceback types typing unicodedata urllib uuid warnings xml zipfile zlib
    IPython altair bokeh catboost category_encoders cufflinks cv2 dask eli5 feature_engine folium gensim geopandas
    holidays imblearn ipywidgets joblib keras lightgbm matplotlib missingno mlxtend networkx nltk numba numpy optuna pandas
    pandas_profiling patsy pickle plotly polars prettytable psutil pyarrow pylab pytz requests scikitplot scipy seaborn shap
    skimage sklearn skops spacy statsmodels sweetviz tabulate tensorflow textblob torch torchvision tqdm transformers
    wordcloud xgboost ydata_profiling yellowbrick""".split()
)
"""Libraries whose functions leave their arguments as they are, but for `IN_PLACE_FUNCTIONS`."""

IN_PLACE_FUNCTIONS: Mapping[str, int] = {
    "bisect.insort": 0,
    "bisect.insort_left": 0,
    "bisect.insort_right": 0,
    "builtins.delattr": 0,
    "builtins.next": 0,
    "builtins.setattr": 0,
    "heapq.heapify": 0,
    "heapq.heappop": 0,
    "heapq.heappush": 0,
    "heapq.heappushpop": 0,
    "heapq.heapreplace": 0,
    "imblearn.pipeline.fit": 0,
    "numpy.copyto": 0,
    "numpy.fill_diagonal": 0,
    "numpy.place": 0,
    "numpy.put": 0,
    "numpy.put_along_axis": 0,
    "numpy.putmask": 0,
    "numpy.random.shuffle": 0,
    "operator.delitem": 0,
    "operator.iadd": 0,
    "operator.setitem": 0,
    "random.shuffle": 0,
    "sklearn.utils.validation.check_is_fitted": 0,
}
"""Function → the argument that it changes."""

HOLDING_FUNCTIONS = frozenset(
    """builtins.list builtins.tuple builtins.set builtins.dict builtins.frozenset builtins.sorted builtins.iter builtins.map
    builtins.filter builtins.reversed builtins.max builtins.min collections.OrderedDict collections.defaultdict
    collections.deque collections.ChainMap collections.Counter collections.namedtuple copy.copy functools.partial
    functools.reduce imblearn.pipeline.Pipeline imblearn.pipeline.make_pipeline itertools.chain itertools.cycle
    itertools.islice itertools.product itertools.combinations itertools.groupby itertools.repeat
    sklearn.compose.ColumnTransformer sklearn.compose.make_column_transformer sklearn.compose.TransformedTargetRegressor
    sklearn.ensemble.StackingClassifier sklearn.ensemble.StackingRegressor sklearn.ensemble.VotingClassifier
    sklearn.ensemble.VotingRegressor sklearn.pipeline.FeatureUnion sklearn.pipeline.Pipeline sklearn.pipeline.make_pipeline
    sklearn.pipeline.make_union sklearn.preprocessing.FunctionTransformer types.SimpleNamespace weakref.ref""".split()
)
"""Calls whose result holds the very objects it was given (a pipeline fits its own steps; a search fits copies)."""

SAME_OBJECT_FUNCTIONS = frozenset(
    """builtins.memoryview builtins.super numpy.asarray numpy.asanyarray numpy.ascontiguousarray numpy.atleast_1d
    numpy.atleast_2d numpy.broadcast_to numpy.diagonal numpy.expand_dims numpy.moveaxis numpy.ravel numpy.reshape numpy.rot90
    numpy.split numpy.squeeze numpy.swapaxes numpy.transpose numpy.flip numpy.fliplr numpy.flipud typing.cast tqdm.tqdm
    tqdm.auto.tqdm tqdm.notebook.tqdm tqdm.tqdm_notebook""".split()
)
"""Calls whose result is their first argument, or a view of it."""

SCALAR_BUILTINS = frozenset(
    """abs all any ascii bin bool bytes callable chr complex divmod float format hash hex id int isinstance issubclass len oct
    ord pow print range repr round slice str sum type""".split()
)
ITERATOR_BUILTINS = frozenset({"iter", "map", "filter", "zip", "enumerate", "reversed", "open"})

MUTATING_METHODS = frozenset(
    """add add_to_collection addHandler append appendleft clear compile close discard difference_update execute extend
    extendleft fill fit fit_generator fit_predict fit_resample fit_sample fit_transform fit_on_texts insert
    intersection_update itemset load_state_dict load_weights move_to_end partial_fit pop popitem popleft put register remove
    resize reverse rotate send set_output set_params setdefault setflags shuffle sort step subtract
    symmetric_difference_update train train_on_batch update write writelines writerow writerows zero_grad backward
    __setitem__ __delitem__ __setattr__ __delattr__ add_module adapt add_column add_row add_node add_edge requires_grad_
    build_vocab""".split()
)
"""Methods that change their receiver, whatever it is."""

STORING_METHODS = frozenset({"append", "appendleft", "add", "insert", "setdefault", "update", "extend", "extendleft", "put"})
"""Methods after which the receiver holds what it was given."""

FITTING_METHODS = frozenset({"fit", "fit_transform", "fit_predict", "fit_resample", "partial_fit"})
RECEIVER_METHODS = frozenset({"fit", "partial_fit", "set_params", "set_output", "eval", "to", "train"})
"""Methods that return their receiver."""

ELEMENT_METHODS = frozenset({"get", "pop", "popitem", "popleft", "setdefault", "values", "items", "get_params", "__getitem__"})
"""Methods that return what the receiver holds."""

VIEW_METHODS = frozenset({"ravel", "reshape", "squeeze", "swapaxes", "transpose", "view", "diagonal", "detach", "numpy", "cpu"})
"""Methods whose result shares the receiver's memory."""

VIEW_ATTRIBUTES = frozenset({"loc", "iloc", "at", "iat", "values", "T", "flat", "real", "imag", "array", "data", "index"})
"""Attributes through which a store changes the object itself."""

PANDAS_MUTATING_METHODS = frozenset({"insert", "pop", "update", "setflags", "isetitem", "__setitem__", "__delitem__"})
NUMPY_MUTATING_METHODS = frozenset(
    {"fill", "sort", "resize", "put", "itemset", "partition", "setflags", "byteswap", "__setitem__", "__iadd__"}
)
VALUE_CHANGING_METHODS = frozenset({"fillna", "replace", "mask", "where", "clip", "interpolate", "ffill", "bfill", "update"})
"""pandas methods that, with `inplace=True`, write values (older pandas: into columns taken out before, too)."""

PURE_METHODS = frozenset(
    """abs agg aggregate align all any apply applymap argmax argmin argsort asfreq asof assign astype at_time bfill bool
    capitalize casefold cat ceil center clip combine combine_first contains copy corr corrwith count cov crosstab cummax
    cummin cumprod cumsum cut day_name decision_function decode describe diff difference div dot drop drop_duplicates
    droplevel dropna dt duplicated encode endswith eq equals eval ewm expanding explode ffill fillna filter find first
    first_valid_index floor floordiv format from_dict ge get_dummies get_feature_names get_feature_names_out get_group
    get_params groupby gt head hist idxmax idxmin index infer_objects info interpolate intersection inverse_transform isalpha
    isdigit isdisjoint isin isna isnull isnumeric issubset issuperset item items iterrows itertuples join keys kneighbors kurt
    last le ljust lower lstrip lt mad map mask match max mean median melt memory_usage merge min mode month_name mul multiply
    ne nlargest normalize notna notnull nsmallest nunique partition pct_change pipe pivot pivot_table plot pow predict
    predict_log_proba predict_proba prod product quantile query radd rank reindex rename rename_axis reorder_levels repeat
    replace resample reset_index rfind rjust rolling round rpartition rsplit rstrip sample score score_samples searchsorted
    select_dtypes sem set_axis set_index shift skew sort_index sort_values split splitlines squeeze stack
    startswith std str strftime strip sub subtract sum summary swapcase swaplevel tail take title to_csv to_datetime to_dict
    to_excel to_frame to_json to_list to_numpy to_parquet to_period to_pickle to_records to_sql to_string to_timestamp tolist
    toarray todense total_seconds transform translate transpose truncate tz_convert tz_localize union unique unstack upper
    value_counts values var where xs zfill""".split()
)
"""Methods that leave their receiver and their arguments as they are (without `inplace=True`)."""

CALLBACK_METHODS = frozenset({"pipe", "apply", "applymap", "map", "transform", "agg", "aggregate", "filter"})

SKLEARN_LIKE = frozenset(
    {"sklearn", "xgboost", "lightgbm", "catboost", "imblearn", "category_encoders", "statsmodels", "mlxtend"}
)
INSTALLED = SKLEARN_LIKE | frozenset(
    """numpy pandas scipy matplotlib seaborn plotly joblib tqdm IPython skops nltk spacy torch tensorflow keras optuna shap polars
    pyarrow missingno requests""".split()
)
"""Packages that no notebook has beside it: where `sys.path` leads makes no difference to importing them."""

GENERATOR_FACTORIES = frozenset(
    {"numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator", "random.Random", "torch.Generator"}
)

STATE_SETTERS: Mapping[str, str] = {
    "numpy.random.seed": "numpy.random",
    "numpy.random.set_state": "numpy.random",
    "random.seed": "random",
    "tensorflow.random.set_seed": "tensorflow.random",
    "tensorflow.set_random_seed": "tensorflow.random",
    "keras.utils.set_random_seed": "numpy.random",
    "torch.manual_seed": "torch.random",
    "torch.cuda.manual_seed": "torch.random",
    "torch.cuda.manual_seed_all": "torch.random",
    "numpy.seterr": "numpy.errors",
    "numpy.set_printoptions": "display",
    "pandas.set_option": "pandas.options",
    "pandas.reset_option": "pandas.options",
    "pandas.option_context": "pandas.options",
    "sklearn.set_config": "sklearn.config",
    "warnings.filterwarnings": "warnings",
    "warnings.simplefilter": "warnings",
    "matplotlib.use": "display",
    "matplotlib.pyplot.style.use": "display",
    "matplotlib.pyplot.rc": "display",
    "seaborn.set": "display",
    "seaborn.set_style": "display",
    "seaborn.set_theme": "display",
    "seaborn.set_palette": "display",
    "seaborn.set_context": "display",
    "locale.setlocale": "locale",
    "torch.set_grad_enabled": "torch.options",
    "torch.set_default_dtype": "torch.options",
    "sys.path.append": "sys.path",
    "sys.path.insert": "sys.path",
    "sys.path.extend": "sys.path",
}
"""Function → the piece of library state that it sets."""

SEEDS = frozenset({"numpy.random", "random", "tensorflow.random", "torch.random"})
ANSWER_CHANGING_STATE = frozenset({"numpy.errors", "pandas.options", "sklearn.config", "locale", "torch.options"})
"""Library state that can change what a model answers; it is kept with the imports."""

DISPLAY_OPTIONS = frozenset({"display", "plotting", "max_rows", "max_columns", "precision"})

FUNCTION_EFFECTS: Mapping[str, EffectKind] = {
    **dict.fromkeys(
        """joblib.load pickle.load numpy.load numpy.loadtxt numpy.genfromtxt numpy.fromfile scipy.io.loadmat cv2.imread
        skimage.io.imread matplotlib.pyplot.imread torch.load keras.models.load_model tensorflow.keras.models.load_model
        os.listdir os.walk os.scandir glob.glob zipfile.ZipFile gzip.open sqlite3.connect geopandas.read_file
        pyarrow.parquet.read_table skops.io.load cloudpickle.load dill.load polars.read_csv polars.read_parquet
        scipy.io.arff.loadarff""".split(),
        "file_read",
    ),
    **dict.fromkeys(
        """joblib.dump pickle.dump numpy.save numpy.savez numpy.savetxt torch.save os.makedirs os.mkdir os.remove
        shutil.copy shutil.rmtree matplotlib.pyplot.savefig skops.io.dump json.dump cloudpickle.dump""".split(),
        "file_write",
    ),
    **dict.fromkeys(
        """requests.get requests.post requests.put requests.request requests.Session urllib.request.urlopen
        urllib.request.urlretrieve socket.socket seaborn.load_dataset sklearn.datasets.fetch_openml
        sklearn.datasets.fetch_california_housing sklearn.datasets.fetch_20newsgroups sklearn.datasets.fetch_covtype
        sklearn.datasets.fetch_olivetti_faces sklearn.datasets.fetch_lfw_people nltk.download""".split(),
        "network",
    ),
    **dict.fromkeys(
        """datetime.datetime.now datetime.datetime.today datetime.datetime.utcnow datetime.date.today time.time
        time.localtime time.gmtime time.perf_counter time.strftime pandas.Timestamp.now pandas.Timestamp.today
        pandas.Timestamp.utcnow""".split(),
        "clock",
    ),
    **dict.fromkeys(
        "os.system os.popen subprocess.run subprocess.call subprocess.check_output subprocess.Popen".split(), "process"
    ),
    **dict.fromkeys(["builtins.input", "getpass.getpass"], "input"),
    **dict.fromkeys(["builtins.print", "builtins.display", "IPython.display.display", "pprint.pprint"], "display"),
    **dict.fromkeys(["uuid.uuid4", "uuid.uuid1", "os.urandom", "secrets.token_hex", "secrets.choice"], "random"),
}
"""Function → its effect on the world; see also `effect_prefixes` and the methods below."""

PREFIX_EFFECTS: tuple[tuple[str, EffectKind], ...] = (
    ("pandas.read_", "file_read"),
    ("geopandas.read_", "file_read"),
    ("numpy.random.", "random"),
    ("random.", "random"),
    ("secrets.", "random"),
    ("scipy.stats.random", "random"),
    ("matplotlib.", "plot"),
    ("seaborn.", "plot"),
    ("plotly.", "plot"),
    ("pylab.", "plot"),
    ("missingno.", "plot"),
    ("scikitplot.", "plot"),
    ("bokeh.", "plot"),
    ("folium.", "plot"),
    ("wordcloud.", "plot"),
    ("yellowbrick.", "plot"),
    ("pandas.plotting.", "plot"),
    ("sklearn.metrics.plot_", "plot"),
    ("sklearn.tree.plot_", "plot"),
    ("xgboost.plot_", "plot"),
    ("lightgbm.plot_", "plot"),
)
NO_EFFECT = frozenset(
    {"numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator", "random.Random", "numpy.random.get_state"}
)

METHOD_EFFECTS: Mapping[str, EffectKind] = {
    **dict.fromkeys("plot hist boxplot scatter savefig imshow barh".split(), "plot"),
    **dict.fromkeys(
        "to_csv to_excel to_parquet to_pickle to_json to_feather to_hdf to_sql write_text write_bytes".split(), "file_write"
    ),
    **dict.fromkeys("read_text read_bytes".split(), "file_read"),
}

SEEDED_BY_ARGUMENT: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        """train_test_split RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor
        GradientBoostingClassifier GradientBoostingRegressor HistGradientBoostingClassifier HistGradientBoostingRegressor
        BaggingClassifier BaggingRegressor AdaBoostClassifier AdaBoostRegressor DecisionTreeClassifier DecisionTreeRegressor
        ExtraTreeClassifier ExtraTreeRegressor MLPClassifier MLPRegressor SGDClassifier SGDRegressor Perceptron KMeans
        MiniBatchKMeans GaussianMixture RandomizedSearchCV IsolationForest TSNE resample shuffle make_classification
        make_regression make_blobs make_moons make_circles RandomUnderSampler RandomOverSampler SMOTE ADASYN SMOTEENN
        IterativeImputer StackingRandom""".split(),
        ("random_state",),
    ),
    "sample": ("random_state",),
}
"""Calls that draw from numpy's global generator unless this argument seeds them."""

STORED_OBJECTS = frozenset(
    "joblib.load pickle.load pickle.loads cloudpickle.load dill.load json.load json.loads skops.io.load yaml.safe_load".split()
)
"""Functions that give back whatever was saved: a model, a scaler, a list of columns."""

SPLITTING_CALLS = frozenset({"train_test_split"})
DATASET_PREFIXES = (
    "sklearn.datasets.",
    "keras.datasets.",
    "tensorflow.keras.datasets.",
    "seaborn.load_dataset",
    "statsmodels.datasets",
)
"""Functions that return a data set; `sklearn.datasets.load_*` a Bunch, unless told `return_X_y=True`."""

PREDICT_METHODS = ("predict", "predict_proba", "decision_function", "predict_log_proba")

BOOSTER_TRAINERS: Mapping[str, tuple[int, str]] = {
    "xgboost.train": (1, "dtrain"),
    "xgboost.training.train": (1, "dtrain"),
    "lightgbm.train": (1, "train_set"),
    "lightgbm.engine.train": (1, "train_set"),
}
"""Function that returns a fitted booster → the place and the keyword of its training data."""

BOOSTER_DATA: Mapping[str, bool] = {
    "xgboost.DMatrix": True,
    "xgboost.QuantileDMatrix": True,
    "xgboost.core.DMatrix": True,
    "xgboost.core.QuantileDMatrix": True,
    "lightgbm.Dataset": False,
    "lightgbm.basic.Dataset": False,
}
"""Data sets of boosters, made from rows (`data`) and a target (`label`) → whether `predict` asks for one, too."""

BOOSTER_LABELS = frozenset(
    {"label", "weight", "base_margin", "group", "qid", "label_lower_bound", "label_upper_bound", "init_score"}
)
"""Arguments of a booster's data set that only training has."""

FITTED_METHODS = frozenset({"transform", "inverse_transform", *PREDICT_METHODS})
"""Methods that only a fitted object has."""

REDUCTIONS = frozenset(
    """mean median mode max min sum std var nunique quantile count prod skew kurt idxmax idxmin argmax argmin describe
    value_counts item total any all size unique first_valid_index nanmean nanmedian nanstd nanmax nanmin percentile len""".split()
)
"""Calls that make few values out of many rows."""

PANDAS_NOT_FRAMES = frozenset({"to_numpy", "tolist", "to_list", "to_dict", "to_records"})
