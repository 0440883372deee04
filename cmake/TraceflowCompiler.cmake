# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings and sanitizers, the same for every target.
add_compile_options(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes)
# The program is given capabilities, and both read hostile packets.
if(NOT TF_SANITIZE)
    add_compile_options(-fstack-protector-strong)
    add_compile_definitions($<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:_FORTIFY_SOURCE=2>)
    add_link_options(-Wl,-z,relro,-z,now)
endif()
if(TF_WERROR)
    add_compile_options(-Werror)
endif()
if(TF_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
if(TF_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()
