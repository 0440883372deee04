/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pseudo-random numbers. */
#include "chance.h"

enum { MILLION = 1000000 };

uint64_t chance_mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint64_t chance_next(struct chance *chance)
{
    chance->state += UINT64_C(0x9e3779b97f4a7c15);
    return chance_mix(chance->state);
}

uint32_t chance_below(struct chance *chance, uint32_t bound)
{
    return chance_scale((uint32_t)(chance_next(chance) >> 32), bound);
}

bool chance_happens(struct chance *chance, uint32_t ppm)
{
    if (ppm == 0)
        return false;
    return ppm >= MILLION || chance_below(chance, MILLION) < ppm;
}
