# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Whom do we call back?
#
# A fine needle takes a few cells; a microscope measures their nuclei, and whoever looks through it may leave a note. From
# both we estimate the risk that the lump is malignant, and decide who is called back at once. A missed cancer is worse than
# a needless visit, so the threshold is not one half: it is the highest one that still finds nearly all of them.
#
# The measurements are those of the Wisconsin study that scikit-learn brings along. The notes are invented.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve, recall_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

# %% Settings tags=["parameters"]
wanted_recall = 0.98  # of the malignant samples, the share that must be found
seed = 4

# %% [markdown]
# ## Samples

# %%
samples = load_breast_cancer(as_frame=True).frame.rename(columns=lambda name: name.replace(" ", "_"))
samples["malignant"] = samples.pop("target") == 0
samples["note"] = pd.read_csv("screening_notes.csv")["note"]

# %%
samples["malignant"].value_counts(normalize=True).round(2)

# %%
samples["note"].isna().groupby(samples["malignant"]).mean().round(3)  # a missing note says nothing

# %%
samples.boxplot("mean_concave_points", by="malignant", figsize=(4, 3))
plt.show()

# %% [markdown]
# ## What the model sees
#
# Of each property the mean over the nuclei, the worst of them, and how far the worst stands out; and the note, in lower
# case. Where nobody left one it is empty.

# %%
# nb2svc: feature measures
sizes = ["radius", "texture", "smoothness", "concave_points", "symmetry"]
measures = samples[[f"{which}_{size}" for size in sizes for which in ("mean", "worst")]].copy()
for size in sizes:
    measures[f"{size}_stands_out"] = measures[f"worst_{size}"] - measures[f"mean_{size}"]

measures["note"] = samples["note"].fillna("").str.lower()

# %%
measures.describe().T.round(2)

# %% [markdown]
# ## Typical nuclei
#
# A single odd cell should not decide. So each measure is counted in typical spreads from the typical value, and cut off.

# %%
class AgainstTypical(BaseEstimator, TransformerMixin):
    """Each column as its distance from the column's median, in quartile ranges, at most `limit` of them."""

    def __init__(self, limit=3.0):
        self.limit = limit

    def fit(self, X, y=None):
        self.medians_ = X.median()
        self.spreads_ = X.quantile(0.75) - X.quantile(0.25)
        return self

    def transform(self, X):
        return ((X - self.medians_) / self.spreads_).clip(-self.limit, self.limit)


# %% [markdown]
# ## Model
#
# Half of the samples train the model, a quarter chooses the threshold, and the last quarter is only looked at in the end.

# %%
# nb2svc: model output=decision
X_train, X_rest, y_train, y_rest = train_test_split(
    measures, samples["malignant"], test_size=0.5, stratify=samples["malignant"], random_state=seed
)
X_valid, X_test, y_valid, y_test = train_test_split(X_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=seed)

numbers = list(measures.columns.drop("note"))
columns = ColumnTransformer([("numbers", AgainstTypical(), numbers), ("note", TfidfVectorizer(min_df=5), "note")])
model = Pipeline([("columns", columns), ("classifier", LogisticRegression(max_iter=1000))])
model.fit(X_train, y_train)

# Rounded down to whole per mille, so that no sample's risk is the threshold itself.
precision, recall, thresholds = precision_recall_curve(y_valid, model.predict_proba(X_valid)[:, 1])
threshold = np.floor(thresholds[recall[:-1] >= wanted_recall].max() * 1000) / 1000

risk = model.predict_proba(X_test)[:, 1]
decision = np.where(risk >= threshold, "call back", "routine")

# %%
plt.plot(recall[:-1], precision[:-1])
plt.xlabel("recall")
plt.ylabel("precision")
plt.title(f"Threshold {threshold:.3f}")
plt.show()

# %% [markdown]
# ## Good enough?
#
# On samples that neither the model nor the threshold has seen.

# %%
# nb2svc: check finds_the_malignant
found = recall_score(y_test, decision == "call back")
assert found >= 0.95, f"only {found:.1%} of the malignant samples would be called back"

# %%
# nb2svc: check spares_the_healthy
needless = (decision[~y_test] == "call back").mean()
assert needless <= 0.10, f"{needless:.1%} of the healthy would be called back"
