// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites call in hv_netvsc.ko, which this file is a part of when it is
 * built for them. Functions that one file of the driver keeps to itself are
 * here only if nothing else leads to them.
 */
#include <kunit/visibility.h>

#include "kunit/visible.h"
#include "netvsc.h"
#include "netvsc_rsc.h"
#include "vmbus_glue/pages.h"
#include "rndis_codec.h"

#define FOR_SUITES	EXPORT_SYMBOL_IF_KUNIT

/* vmbus_glue/ring.c */
FOR_SUITES(nvb_out_init);
FOR_SUITES(nvb_out_stop);
FOR_SUITES(nvb_out_claim);
FOR_SUITES(nvb_out_commit);
FOR_SUITES(nvb_out_publish);
FOR_SUITES(nvb_out_free);
FOR_SUITES(nvb_out_free_percent);
FOR_SUITES(nvb_out_want);
FOR_SUITES(nvb_in_init);
FOR_SUITES(nvb_in_stop);
FOR_SUITES(nvb_in_next);
FOR_SUITES(nvb_in_publish);
FOR_SUITES(nvb_in_mask);
FOR_SUITES(nvb_in_unmask);
FOR_SUITES(nvb_in_empty);

/* vmbus_glue/channel.c, buffer.c */
FOR_SUITES(nvb_channel_open);
FOR_SUITES(nvb_channel_close);
FOR_SUITES(nvb_channel_signal);
FOR_SUITES(nvb_channel_wait);
FOR_SUITES(nvb_channel_rescinded);
FOR_SUITES(nvb_channel_no_subchannels);
FOR_SUITES(nvb_buffer_alloc);
FOR_SUITES(nvb_buffer_share);
FOR_SUITES(nvb_buffer_unshare);
FOR_SUITES(nvb_gpadl_before_close);
FOR_SUITES(nvb_buffer_free);
FOR_SUITES(nvb_buffer_gpadl);
FOR_SUITES(nvb_buffer_leaked);
FOR_SUITES(nvb_core_share);
FOR_SUITES(nvb_core_unshare);

/* vmbus_glue/pages.c */
FOR_SUITES(nvb_guest_isolated);
FOR_SUITES(nvb_memory_show);
FOR_SUITES(nvb_memory_hide);
FOR_SUITES(nvb_pages_alloc);
FOR_SUITES(nvb_pages_free);

/* nvsp.c */
FOR_SUITES(nvsp_init);
FOR_SUITES(nvsp_setup_done);
FOR_SUITES(nvsp_abort);
FOR_SUITES(nvsp_usable);
FOR_SUITES(nvsp_wait);
FOR_SUITES(nvsp_negotiate);
FOR_SUITES(nvsp_version_name);
FOR_SUITES(nvsp_can_coalesce);
FOR_SUITES(nvsp_configure);
FOR_SUITES(nvsp_recv_buffer_limit);
FOR_SUITES(nvsp_share_recv_buffer);
FOR_SUITES(nvsp_share_send_buffer);
FOR_SUITES(nvsp_revoke_buffers);
FOR_SUITES(nvsp_request_subchannels);
FOR_SUITES(nvsp_send_control);
FOR_SUITES(nvsp_switch_data_path);
FOR_SUITES(nvsp_can_have_vf);
FOR_SUITES(nvsp_receive_completion);
FOR_SUITES(nvsp_receive_inband);

/* rndis_filter.c */
FOR_SUITES(rndis_filter_create);
FOR_SUITES(rndis_filter_destroy);
FOR_SUITES(rndis_filter_start);
FOR_SUITES(rndis_filter_abort);
FOR_SUITES(rndis_filter_closed);
FOR_SUITES(rndis_filter_init_device);
FOR_SUITES(rndis_filter_halt_device);
FOR_SUITES(rndis_filter_query);
FOR_SUITES(rndis_filter_query_u32);
FOR_SUITES(rndis_filter_query_mac);
FOR_SUITES(rndis_filter_query_name);
FOR_SUITES(rndis_filter_query_offload);
FOR_SUITES(rndis_filter_query_rss);
FOR_SUITES(rndis_filter_set_packet_filter);
FOR_SUITES(rndis_filter_set_offload);
FOR_SUITES(rndis_filter_set_rss);
FOR_SUITES(rndis_filter_set_mac);
FOR_SUITES(rndis_filter_receive);
FOR_SUITES(rndis_filter_receive_completion);

/* rndis_codec.c */
FOR_SUITES(rndis_tx_header_len);
FOR_SUITES(rndis_tx_encode);
FOR_SUITES(rndis_tx_set_length);
FOR_SUITES(rndis_rx_decode);
FOR_SUITES(rndis_build_init);
FOR_SUITES(rndis_build_halt);
FOR_SUITES(rndis_build_query);
FOR_SUITES(rndis_build_set);
FOR_SUITES(rndis_build_keepalive_complete);
FOR_SUITES(rndis_build_rss_params);
FOR_SUITES(rndis_build_config_param);
FOR_SUITES(rndis_parse_control);
FOR_SUITES(rndis_parse_u32);
FOR_SUITES(rndis_parse_offload);
FOR_SUITES(rndis_parse_rss_caps);

/* netvsc_rsc.c */
FOR_SUITES(netvsc_rsc_step);
FOR_SUITES(netvsc_rsc_end);
FOR_SUITES(netvsc_rsc_find_tcp);

/* The device */
FOR_SUITES(netvsc_probe);
FOR_SUITES(netvsc_remove);
FOR_SUITES(netvsc_fall_asleep);
FOR_SUITES(netvsc_wake_up);
FOR_SUITES(netvsc_settle);
FOR_SUITES(netvsc_state_follows);
FOR_SUITES(netvsc_up);
FOR_SUITES(netvsc_reconfigure);
FOR_SUITES(netvsc_reset_work);
FOR_SUITES(netvsc_max_channels);
FOR_SUITES(netvsc_apply_rss);
FOR_SUITES(netvsc_apply_aggregation);
FOR_SUITES(netvsc_apply_offloads);
FOR_SUITES(netvsc_aggr_frames);
FOR_SUITES(netvsc_aggr_bytes);
FOR_SUITES(netvsc_rx_mode_work);
FOR_SUITES(netvsc_link_event);
FOR_SUITES(netvsc_link_work);
FOR_SUITES(netvsc_poll);
FOR_SUITES(netvsc_start_xmit);
FOR_SUITES(netvsc_bounce_free);
FOR_SUITES(netvsc_bounce_room);
FOR_SUITES(netvsc_tx_slots_free);
FOR_SUITES(netvsc_tx_stuck);
FOR_SUITES(netvsc_stats_name);
FOR_SUITES(netvsc_vf_identify);
FOR_SUITES(netvsc_vf_rank);
FOR_SUITES(netvsc_vf_setup_work);
FOR_SUITES(netvsc_vf_news_work);
FOR_SUITES(netvsc_vf_sum_stats);
FOR_SUITES(netvsc_xsk_register);
FOR_SUITES(netvsc_xsk_tell);
FOR_SUITES(netvsc_bpf);
FOR_SUITES(netvsc_xdp_xmit);
FOR_SUITES(netvsc_stats_count);
FOR_SUITES(netvsc_stats_names);
FOR_SUITES(netvsc_stats_values);
FOR_SUITES(netvsc_stats_get64);
