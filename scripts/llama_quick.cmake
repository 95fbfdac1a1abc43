# Read right after project() of llama-cpp-python (CMAKE_PROJECT_llama_cpp_INCLUDE).
# Its CMakeLists.txt forces llama.cpp's `common` library on, of which it installs nothing.
# A normal variable of the same name wins over the forced cache entry (CMP0126, CMP0077).
set(LLAMA_BUILD_COMMON OFF)
