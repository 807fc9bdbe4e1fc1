"""What is known of fork and of a kernel that starts late, as data: what code may have done before runs are forked from it.

A library that is in no table may have done anything. The longest dotted beginning of a path decides: `os.path.join` is harmless,
`os.getpid` is not.
"""

import sys
from collections.abc import Mapping

_POOL = "its threads do not survive a fork"
_WORKERS = "it starts threads or processes"
_DEVICE = "it may hold a device or threads, which can't be forked"
_PROCESS = "it asks for, or changes, the process that runs it"
_OUTSIDE = "it acts on the world outside"
_MOVES = "it makes or moves files, which each run does by itself"
_DRAWS = "it draws anew in each run"
_TIME = "it asks for the time"
_MAY_WRITE = "may write a file, which each run does by itself"
_ASKS_TIME = "asks for the time"
_WRITES = "writes {detail}, which each run does by itself"
_AT_THE_TIME = "asks for the time: {detail}"

FINE = ""
"""What is said of a path of which nothing is to be said."""

_SAFE_STANDARD = """
abc array base64 binascii bisect calendar cmath collections colorsys contextlib copy copyreg csv dataclasses datetime difflib
enum fractions functools glob gzip hashlib heapq hmac html io itertools json keyword math numbers operator pathlib pickle
platform pprint random re statistics string struct textwrap traceback types typing unicodedata warnings xml zipfile zlib
bz2 lzma builtins ast
""".split()

_SAFE_LIBRARIES = """
numpy pandas scipy sklearn matplotlib mpl_toolkits seaborn statsmodels patsy imblearn category_encoders mlxtend pyarrow pytz
dateutil tabulate nb2svc typing_extensions networkx
""".split()

USES: Mapping[str, str] = {
    **dict.fromkeys(_SAFE_STANDARD, FINE),
    **dict.fromkeys(_SAFE_LIBRARIES, FINE),
    **dict.fromkeys("polars duckdb xgboost lightgbm catboost numexpr numba".split(), _POOL),
    **dict.fromkeys("torch torchvision tensorflow keras jax cupy cudf cuml pycuda transformers".split(), _DEVICE),
    **dict.fromkeys(
        "loky multiprocessing threading concurrent dask distributed ray pyspark modin h2o asyncio queue sched".split(), _WORKERS
    ),
    **dict.fromkeys("socket ssl http urllib requests ftplib smtplib aiohttp httpx boto3 subprocess".split(), _OUTSIDE),
    **dict.fromkeys("sqlite3 sqlalchemy h5py tables shelve dbm".split(), "it holds a file open"),
    **dict.fromkeys("tempfile shutil".split(), _MOVES),
    **dict.fromkeys("os sys signal ctypes gc atexit resource faulthandler importlib locale decimal".split(), _PROCESS),
    **dict.fromkeys("uuid secrets".split(), _DRAWS),
    "logging": "its handlers hold the streams of the process that set them up",
    "__future__": "a later cell is compiled by it, too",
    "inspect": "it looks at the code that runs",
    **dict.fromkeys(
        "traceback.print_stack traceback.format_stack traceback.extract_stack traceback.walk_stack".split(),
        "it looks at the code that runs",
    ),
    "joblib": _WORKERS,
    "joblib.load": FINE,
    "IPython": "it asks for, or changes, the kernel",
    **dict.fromkeys(
        "time datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today".split(), _TIME
    ),
    **dict.fromkeys("time.sleep time.strptime time.mktime time.struct_time".split(), FINE),
    "platform.node": _PROCESS,
    "matplotlib.use": "the backend belongs to the kernel",
    "matplotlib.pyplot.switch_backend": "the backend belongs to the kernel",
    "matplotlib.pyplot.ion": "it belongs to the kernel",
    "matplotlib.animation": _WORKERS,
    "mpl_toolkits": FINE,
    "numpy.memmap": "it holds a file open",
    "numpy.seterr": "it holds only where it was set, not in a kernel that starts later",
    "numpy.seterrcall": "it holds only where it was set, not in a kernel that starts later",
    "pandas.HDFStore": "it holds a file open",
    "pandas.ExcelFile": "it holds a file open",
    "pandas.ExcelWriter": "it holds a file open",
    "sklearn.utils.parallel_backend": _WORKERS,
    "sklearn.utils.parallel": _WORKERS,
    "numpy.set_printoptions": "it holds only where it was set, not in a kernel that starts later",
    **dict.fromkeys(
        """os.path os.getcwd os.getenv os.environ.get os.listdir os.walk os.scandir os.stat os.sep os.cpu_count os.fspath
        os.linesep os.pathsep os.name os.PathLike sys.version sys.version_info sys.executable sys.platform sys.maxsize
        sys.stdout sys.stderr sys.float_info
        sys.getsizeof sys.byteorder gc.collect decimal.Decimal IPython.display.display IPython.display.HTML
        IPython.display.Markdown IPython.display.Image IPython.display.Latex IPython.display.Math IPython.display.SVG
        IPython.display.JSON importlib.metadata.version""".split(),
        FINE,
    ),
}
"""Beginning of a path → why code that uses it can't be shared; FINE where it can."""

IMPORTED_FREELY = frozenset(name for name in USES if "." not in name and name != "__future__") | frozenset(
    sys.stdlib_module_names - {"__future__", "antigravity", "this"}
)
"""Modules whose import alone does no harm: it is their use that ends what can be shared."""

OPENMP_USERS = frozenset(
    """HistGradientBoostingClassifier HistGradientBoostingRegressor KMeans MiniBatchKMeans BisectingKMeans k_means kmeans_plusplus
    KNeighborsClassifier KNeighborsRegressor KNeighborsTransformer NearestNeighbors RadiusNeighborsClassifier
    RadiusNeighborsRegressor RadiusNeighborsTransformer LocalOutlierFactor NearestCentroid kneighbors_graph radius_neighbors_graph
    DBSCAN HDBSCAN OPTICS MeanShift SpectralClustering GaussianMixture BayesianGaussianMixture KNNImputer TSNE Isomap
    LocallyLinearEmbedding LabelSpreading LabelPropagation pairwise_distances pairwise_distances_argmin
    pairwise_distances_argmin_min pairwise_distances_chunked euclidean_distances manhattan_distances silhouette_score
    silhouette_samples trustworthiness SMOTE SMOTENC SMOTEN BorderlineSMOTE SVMSMOTE KMeansSMOTE ADASYN SMOTEENN SMOTETomek
    NearMiss ClusterCentroids TomekLinks EditedNearestNeighbours CondensedNearestNeighbour OneSidedSelection
    mutual_info_classif mutual_info_regression KBinsDiscretizer""".split()
)
"""What runs on libgomp's threads, which hang in a forked process unless there is but one."""

OPENMP_THREADS = "OMP_NUM_THREADS"

NAMES: Mapping[str, str] = {
    **dict.fromkeys(("globals", "locals", "vars", "dir", "__builtin__", "__builtins__"), "reads names that can't be followed"),
    **dict.fromkeys(("exec", "eval", "compile", "__import__"), "runs code that can't be followed"),
    **dict.fromkeys(("get_ipython", "exit", "quit"), "acts on the kernel"),
    **dict.fromkeys(("input", "breakpoint"), "asks a person"),
    **dict.fromkeys(("_", "__", "___", "_i", "_ii", "_iii", "In", "Out", "_ih", "_oh", "_dh"), "reads what IPython counts"),
    **dict.fromkeys(("id", "hash"), "differs from process to process"),
    "RecursionError": "depends on how deep a kernel's own calls are",
}
"""Builtins and names of IPython's → what is wrong with them."""

METHODS: Mapping[str, str] = {
    **dict.fromkeys(
        """to_csv to_excel to_parquet to_pickle to_json to_feather to_hdf to_sql to_html to_markdown write_text write_bytes
        savefig savetxt""".split(),
        _MAY_WRITE,
    ),
    **dict.fromkeys(("update_display", "clear_output"), "changes an output that stands already"),
    **dict.fromkeys(("cuda",), _DEVICE),
    **dict.fromkeys(("now", "today", "utcnow"), _ASKS_TIME),
}
"""Methods, whatever they are called on → what is wrong with them; those that write only where they are given a place."""

RETURNING_WITHOUT_A_PLACE = frozenset({"to_csv", "to_json", "to_html", "to_markdown"})
"""Methods that write nothing unless they are told where."""

KNOWN_MAGICS = ("%matplotlib inline", "%config InlineBackend", "%precision")
"""Beginnings of IPython's lines that leave the same in a kernel that starts later."""

EFFECTS: Mapping[str, str] = {
    "file_write": _WRITES,
    "network": "asks the network: {detail}",
    "clock": _AT_THE_TIME,
    "process": "starts a program: {detail}",
    "input": "asks a person: {detail}",
    "dynamic": "does what can't be followed: {detail}",
}
"""Kind of an effect → why it can't be shared; those that are missing can, or are looked at more closely."""

OF_A_RUN = frozenset({_MOVES, _DRAWS, _TIME, _MAY_WRITE, _ASKS_TIME, _WRITES, _AT_THE_TIME})
"""What is wrong only with cells that many runs are forked after; in a run's own it is as in any kernel."""

KEPT_STATE = frozenset({"numpy.random", "random", "display", "pandas.options", "sklearn.config", "warnings"})
"""Library state that is as it was in a process that is forked later."""

GLOBAL_GENERATORS = frozenset({"numpy.random", "random"})

PARALLEL_ARGUMENTS = frozenset({"n_jobs", "n_workers", "num_workers", "nthread", "n_threads", "workers"})
