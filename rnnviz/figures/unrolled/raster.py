from rnnviz.figures.unrolled.stage import Stage
def rasters(stage: Stage): return []
