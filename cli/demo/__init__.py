"""`xuewei demo` (演示): made-up universities, provinces and the national centre play the main job on a real stack."""
