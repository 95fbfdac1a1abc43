# Read right after project() of llama-cpp-python (CMAKE_PROJECT_llama_cpp_INCLUDE).
# Its CMakeLists.txt always builds llama.cpp's `common` library, although it installs nothing of it.
# A normal variable with the same name takes precedence over the forced cache entry (CMP0126, CMP0077).
set(LLAMA_BUILD_COMMON OFF)
