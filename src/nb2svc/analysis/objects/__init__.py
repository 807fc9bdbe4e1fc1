"""Which objects names stand for: an abstract run of the notebook that follows aliases, containers and in-place changes.

heap        objects, what they hold, and which names reach them
state       the run's state; the tables of evaluators and executors
expressions, calls, library, methods, functions, execution      what each piece of syntax does to it
"""
