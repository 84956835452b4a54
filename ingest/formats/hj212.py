"""tmp"""

DATASETS = ()


def read_packets(file, shown):
    raise NotImplementedError
