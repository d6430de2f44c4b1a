# cmake -DCOMPILER=c++ -DOUT=FILE -P header_names.cmake: writes the names of open flags and socket families that the
# system's headers define, a line each: OPEN_FLAG(O_CREAT), SOCKET_FAMILY(AF_INET). What they mean is the headers' business.
cmake_minimum_required(VERSION 3.20)
set(source ${OUT}.h)
file(WRITE ${source} "#include <asm/fcntl.h>\n#include <sys/socket.h>\n")
execute_process(COMMAND ${COMPILER} -E -dM -x c++ ${source}
  OUTPUT_VARIABLE macros COMMAND_ERROR_IS_FATAL ANY)

# Second names of the same numbers, and what is no member of its group.
set(without O_ACCMODE O_NDELAY AF_MAX AF_LOCAL AF_FILE AF_ROUTE)

string(REGEX MATCHALL "#define (O|AF)_[A-Z0-9_]+ " found "${macros}")
list(SORT found)
set(lines "")
foreach(macro IN LISTS found)
  string(REGEX REPLACE "#define ([A-Z0-9_]+) " "\\1" name "${macro}")
  if(name IN_LIST without)
    continue()
  endif()
  if(name MATCHES "^O_")
    string(APPEND lines "OPEN_FLAG(${name})\n")
  else()
    string(APPEND lines "SOCKET_FAMILY(${name})\n")
  endif()
endforeach()
file(WRITE ${OUT} "${lines}")
