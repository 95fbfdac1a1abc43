"""The model process: llama.cpp behind an OpenAI-compatible API. Knows nothing of Django or of tickets.

server (HTTP) -> requests (what was asked) -> chat (prompt as tokens) -> runner (takes jobs) -> decoding (their thread)
decoding -> batching (who is decoded next) and guessing (what may follow), both pure; llama and sampling (llama_cpp)
"""
