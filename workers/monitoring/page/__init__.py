"""The live page at `/`: what a browser shows of the API. It asks nothing of the server but the API and these files.

routes  which files are given, and under which rules a browser takes them
static  the files: one HTML, CSS, ES modules, and the words in each language; nothing is built
"""
