/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options at the end of a pcapng block. */
#include "pcapng_option.h"

#include "pcapng_format.h"

enum tf_status pcapng_option_next(struct pcapng_options *options, struct pcapng_option *option)
{
    if (options->left == 0)
        return TF_END;
    if (options->left < PCAPNG_OPTION_VALUE)
        return TF_SHORT;

    const uint16_t code = pcapng_u16(options->big_endian, options->at + PCAPNG_OPTION_CODE);
    const uint16_t len = pcapng_u16(options->big_endian, options->at + PCAPNG_OPTION_LENGTH);
    if (pcapng_padded(len) > options->left - PCAPNG_OPTION_VALUE)
        return TF_SHORT;
    if (code == PCAPNG_OPTION_END)
        return TF_END;
    *option = (struct pcapng_option){ code, options->at + PCAPNG_OPTION_VALUE, len };
    options->at += PCAPNG_OPTION_VALUE + pcapng_padded(len);
    options->left -= PCAPNG_OPTION_VALUE + pcapng_padded(len);
    return TF_OK;
}

bool pcapng_options_whole(struct pcapng_options options)
{
    struct pcapng_option option;
    enum tf_status status = TF_OK;

    while (status == TF_OK)
        status = pcapng_option_next(&options, &option);
    return status == TF_END;
}
