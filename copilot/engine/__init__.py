"""The model process: llama.cpp behind an OpenAI-compatible API. Knows nothing of Django or of tickets.

server (HTTP) -> requests (what was asked) -> chat (prompt as tokens) -> runner (the decode thread)
runner -> batching (who is decoded next, pure) and llama (the only importer of llama_cpp)
"""
