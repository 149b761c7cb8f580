"""gunicorn -c config/gunicorn.conf.py 'aidlog.app:create_app()'."""

import gc

bind = "127.0.0.1:8000"
workers = 2
threads = 4
preload_app = False  # each worker opens its own connections
max_requests = 20_000
max_requests_jitter = 2_000
timeout = 60
graceful_timeout = 30
control_socket_disable = True


def post_worker_init(_worker):
    """Leave what is loaded for good out of every later search for garbage.

    A page of many thousand cells makes Python search several times; most of what it walked
    through each time was the application itself, a quarter of the page's cost.
    """
    gc.collect()
    gc.freeze()
