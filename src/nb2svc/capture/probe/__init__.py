"""What runs in the notebook's own interpreter after the run: lockstep probes of the serving slice.

Imports nothing of nb2svc; Python 3.9 syntax; numpy, pandas and scikit-learn are the notebook's own. Reads `probe_request.json`
of a capture folder and writes `observation.json` beside it.
"""
