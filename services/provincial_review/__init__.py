"""Provincial review (省级审核): a province checks what its units submit and decides record by record. Article 13."""
