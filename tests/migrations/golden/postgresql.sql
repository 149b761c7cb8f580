constraint adjustment_limit.ck_adjustment_limit_packs_not_negative: CHECK ((packs >= 0))
constraint adjustment_limit.ck_adjustment_limit_permille_not_negative: CHECK ((permille >= 0))
constraint adjustment_limit.fk_adjustment_limit_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint adjustment_limit.pk_adjustment_limit: PRIMARY KEY (organisation_id)
constraint alembic_version.alembic_version_pkc: PRIMARY KEY (version_num)
constraint alert_aside.fk_alert_aside_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint alert_aside.fk_alert_aside_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint alert_aside.fk_alert_aside_set_by: FOREIGN KEY (set_by) REFERENCES person(id)
constraint alert_aside.pk_alert_aside: PRIMARY KEY (id)
constraint alert_limit.ck_alert_limit_days_not_negative: CHECK ((days >= 0))
constraint alert_limit.ck_alert_limit_least_not_negative: CHECK (("least" >= 0))
constraint alert_limit.ck_alert_limit_least_of_an_item: CHECK (((item_id IS NOT NULL) OR ("least" IS NULL)))
constraint alert_limit.fk_alert_limit_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint alert_limit.fk_alert_limit_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint alert_limit.pk_alert_limit: PRIMARY KEY (id)
constraint appeal.fk_appeal_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint appeal.pk_appeal: PRIMARY KEY (id)
constraint appeal_item.ck_appeal_item_wanted_positive: CHECK ((wanted > 0))
constraint appeal_item.fk_appeal_item_appeal_id: FOREIGN KEY (appeal_id) REFERENCES appeal(id)
constraint appeal_item.fk_appeal_item_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint appeal_item.pk_appeal_item: PRIMARY KEY (appeal_id, item_id)
constraint assessment.ck_assessment_quantity_not_negative: CHECK ((quantity >= 0))
constraint assessment.ck_assessment_valid_after_its_day: CHECK (((valid_until IS NULL) OR (valid_until >= assessed_on)))
constraint assessment.fk_assessment_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint assessment.fk_assessment_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint assessment.fk_assessment_recorded_by: FOREIGN KEY (recorded_by) REFERENCES person(id)
constraint assessment.fk_assessment_withdrawn_by: FOREIGN KEY (withdrawn_by) REFERENCES person(id)
constraint assessment.pk_assessment: PRIMARY KEY (id)
constraint audit_entry.fk_audit_entry_actor_id: FOREIGN KEY (actor_id) REFERENCES person(id)
constraint audit_entry.pk_audit_entry: PRIMARY KEY (id)
constraint audit_head.ck_audit_head_one_row: CHECK ((id = 1))
constraint audit_head.pk_audit_head: PRIMARY KEY (id)
constraint carrier.fk_carrier_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint carrier.pk_carrier: PRIMARY KEY (id)
constraint carrier.uq_carrier_organisation_id_name: UNIQUE (organisation_id, name)
constraint command.fk_command_actor_id: FOREIGN KEY (actor_id) REFERENCES person(id)
constraint command.pk_command: PRIMARY KEY (id)
constraint date_flag.fk_date_flag_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint date_flag.fk_date_flag_flagged_by: FOREIGN KEY (flagged_by) REFERENCES person(id)
constraint date_flag.fk_date_flag_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint date_flag.fk_date_flag_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint date_flag.fk_date_flag_seen_by: FOREIGN KEY (seen_by) REFERENCES person(id)
constraint date_flag.pk_date_flag: PRIMARY KEY (id)
constraint date_flag.uq_date_flag_document_id_lot_id_kind_key: UNIQUE (document_id, lot_id, kind, key)
constraint document.fk_document_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint document.pk_document: PRIMARY KEY (id)
constraint document.uq_document_code: UNIQUE (code)
constraint document.uq_document_organisation_id_series_year_number: UNIQUE (organisation_id, series, year, number)
constraint document_counter.fk_document_counter_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint document_counter.pk_document_counter: PRIMARY KEY (organisation_id, series, year)
constraint feedback.fk_feedback_answered_by: FOREIGN KEY (answered_by) REFERENCES person(id)
constraint feedback.fk_feedback_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint feedback.fk_feedback_recorded_by: FOREIGN KEY (recorded_by) REFERENCES person(id)
constraint feedback.fk_feedback_site_id: FOREIGN KEY (site_id) REFERENCES place(id)
constraint feedback.pk_feedback: PRIMARY KEY (id)
constraint goods_photo.fk_goods_photo_added_by: FOREIGN KEY (added_by) REFERENCES person(id)
constraint goods_photo.fk_goods_photo_note_id: FOREIGN KEY (note_id) REFERENCES goods_received(id)
constraint goods_photo.pk_goods_photo: PRIMARY KEY (id)
constraint goods_photo.uq_goods_photo_note_id_sha256: UNIQUE (note_id, sha256)
constraint goods_received.fk_goods_received_cites_id: FOREIGN KEY (cites_id) REFERENCES document(id)
constraint goods_received.fk_goods_received_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint goods_received.fk_goods_received_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint goods_received.fk_goods_received_pledge_id: FOREIGN KEY (pledge_id) REFERENCES pledge(id)
constraint goods_received.fk_goods_received_purchase_id: FOREIGN KEY (purchase_id) REFERENCES purchase(id)
constraint goods_received.fk_goods_received_recorded_by: FOREIGN KEY (recorded_by) REFERENCES person(id)
constraint goods_received.fk_goods_received_warehouse_id: FOREIGN KEY (warehouse_id) REFERENCES place(id)
constraint goods_received.pk_goods_received: PRIMARY KEY (id)
constraint goods_received.uq_goods_received_document_id: UNIQUE (document_id)
constraint goods_received_line.ck_goods_received_line_adds_up: CHECK ((declared = (((good + damaged) + missing) - excess)))
constraint goods_received_line.ck_goods_received_line_not_negative: CHECK (((good >= 0) AND (damaged >= 0) AND (missing >= 0) AND (excess >= 0)))
constraint goods_received_line.fk_goods_received_line_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint goods_received_line.fk_goods_received_line_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint goods_received_line.fk_goods_received_line_note_id: FOREIGN KEY (note_id) REFERENCES goods_received(id)
constraint goods_received_line.pk_goods_received_line: PRIMARY KEY (id)
constraint hand_out.fk_hand_out_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint hand_out.fk_hand_out_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint hand_out.fk_hand_out_recorded_by: FOREIGN KEY (recorded_by) REFERENCES person(id)
constraint hand_out.fk_hand_out_site_id: FOREIGN KEY (site_id) REFERENCES place(id)
constraint hand_out.pk_hand_out: PRIMARY KEY (id)
constraint hand_out.uq_hand_out_document_id: UNIQUE (document_id)
constraint handover.ck_handover_two_organisations: CHECK ((organisation_id <> taker_id))
constraint handover.fk_handover_decided_by: FOREIGN KEY (decided_by) REFERENCES person(id)
constraint handover.fk_handover_destination_id: FOREIGN KEY (destination_id) REFERENCES place(id)
constraint handover.fk_handover_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint handover.fk_handover_offered_by: FOREIGN KEY (offered_by) REFERENCES person(id)
constraint handover.fk_handover_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint handover.fk_handover_taker_id: FOREIGN KEY (taker_id) REFERENCES organisation(id)
constraint handover.fk_handover_warehouse_id: FOREIGN KEY (warehouse_id) REFERENCES place(id)
constraint handover.fk_handover_waybill_id: FOREIGN KEY (waybill_id) REFERENCES waybill(id)
constraint handover.pk_handover: PRIMARY KEY (id)
constraint handover.uq_handover_document_id: UNIQUE (document_id)
constraint handover.uq_handover_waybill_id: UNIQUE (waybill_id)
constraint handover_line.ck_handover_line_quantity_positive: CHECK ((quantity > 0))
constraint handover_line.fk_handover_line_handover_id: FOREIGN KEY (handover_id) REFERENCES handover(id)
constraint handover_line.fk_handover_line_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint handover_line.fk_handover_line_reservation_id: FOREIGN KEY (reservation_id) REFERENCES reservation(id)
constraint handover_line.fk_handover_line_taken_id: FOREIGN KEY (taken_id) REFERENCES lot(id)
constraint handover_line.pk_handover_line: PRIMARY KEY (id)
constraint handover_line.uq_handover_line_handover_id_lot_id: UNIQUE (handover_id, lot_id)
constraint import_file.fk_import_file_job_id: FOREIGN KEY (job_id) REFERENCES job(id)
constraint import_file.fk_import_file_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint import_file.fk_import_file_sent_by: FOREIGN KEY (sent_by) REFERENCES person(id)
constraint import_file.pk_import_file: PRIMARY KEY (id)
constraint item.pk_item: PRIMARY KEY (id)
constraint item.uq_item_code: UNIQUE (code)
constraint item_pack.ck_item_pack_size_positive: CHECK ((size > 0))
constraint item_pack.fk_item_pack_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint item_pack.pk_item_pack: PRIMARY KEY (id)
constraint item_pack.uq_item_pack_item_id_kind_size: UNIQUE (item_id, kind, size)
constraint job.fk_job_created_by: FOREIGN KEY (created_by) REFERENCES person(id)
constraint job.fk_job_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint job.pk_job: PRIMARY KEY (id)
constraint kit_content.ck_kit_content_quantity_positive: CHECK ((quantity > 0))
constraint kit_content.fk_kit_content_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint kit_content.fk_kit_content_version_id: FOREIGN KEY (version_id) REFERENCES kit_version(id)
constraint kit_content.pk_kit_content: PRIMARY KEY (version_id, item_id)
constraint kit_version.fk_kit_version_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint kit_version.fk_kit_version_made_by: FOREIGN KEY (made_by) REFERENCES person(id)
constraint kit_version.pk_kit_version: PRIMARY KEY (id)
constraint kit_version.uq_kit_version_item_id_number: UNIQUE (item_id, number)
constraint kit_work.ck_kit_work_kits_positive: CHECK ((kits > 0))
constraint kit_work.fk_kit_work_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint kit_work.fk_kit_work_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint kit_work.fk_kit_work_version_id: FOREIGN KEY (version_id) REFERENCES kit_version(id)
constraint kit_work.pk_kit_work: PRIMARY KEY (id)
constraint kit_work.uq_kit_work_document_id: UNIQUE (document_id)
constraint login_attempt.pk_login_attempt: PRIMARY KEY (id)
constraint login_session.fk_login_session_person_id: FOREIGN KEY (person_id) REFERENCES person(id)
constraint login_session.pk_login_session: PRIMARY KEY (id)
constraint login_session.uq_login_session_token_hash: UNIQUE (token_hash)
constraint loss_report.fk_loss_report_decided_by: FOREIGN KEY (decided_by) REFERENCES person(id)
constraint loss_report.fk_loss_report_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint loss_report.fk_loss_report_receipt_id: FOREIGN KEY (receipt_id) REFERENCES receipt(id)
constraint loss_report.fk_loss_report_waybill_id: FOREIGN KEY (waybill_id) REFERENCES waybill(id)
constraint loss_report.pk_loss_report: PRIMARY KEY (id)
constraint loss_report.uq_loss_report_document_id: UNIQUE (document_id)
constraint lot.ck_lot_pack_size_positive: CHECK ((pack_size > 0))
constraint lot.fk_lot_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint lot.fk_lot_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint lot.pk_lot: PRIMARY KEY (id)
constraint lot.uq_lot_id_item_id: UNIQUE (id, item_id)
constraint lot.uq_lot_organisation_id_item_id_number: UNIQUE (organisation_id, item_id, number)
constraint lot_earmark.fk_lot_earmark_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint lot_earmark.fk_lot_earmark_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint lot_earmark.pk_lot_earmark: PRIMARY KEY (lot_id, place_id)
constraint lot_parent.ck_lot_parent_quantity_positive: CHECK ((quantity > 0))
constraint lot_parent.ck_lot_parent_two_lots: CHECK ((lot_id <> parent_id))
constraint lot_parent.fk_lot_parent_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint lot_parent.fk_lot_parent_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint lot_parent.fk_lot_parent_parent_id: FOREIGN KEY (parent_id) REFERENCES lot(id)
constraint lot_parent.pk_lot_parent: PRIMARY KEY (document_id, lot_id, parent_id)
constraint lot_zone.fk_lot_zone_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint lot_zone.fk_lot_zone_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint lot_zone.pk_lot_zone: PRIMARY KEY (lot_id, place_id)
constraint need_choice.fk_need_choice_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint need_choice.fk_need_choice_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint need_choice.fk_need_choice_set_by: FOREIGN KEY (set_by) REFERENCES person(id)
constraint need_choice.pk_need_choice: PRIMARY KEY (place_id, item_id)
constraint organisation.pk_organisation: PRIMARY KEY (id)
constraint organisation.uq_organisation_code: UNIQUE (code)
constraint outbox_entry.pk_outbox_entry: PRIMARY KEY (id)
constraint person.fk_person_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint person.pk_person: PRIMARY KEY (id)
constraint person.uq_person_login: UNIQUE (login)
constraint place.fk_place_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint place.pk_place: PRIMARY KEY (id)
constraint place.uq_place_code: UNIQUE (code)
constraint plan.fk_plan_created_by: FOREIGN KEY (created_by) REFERENCES person(id)
constraint plan.fk_plan_decided_by: FOREIGN KEY (decided_by) REFERENCES person(id)
constraint plan.fk_plan_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint plan.fk_plan_job_id: FOREIGN KEY (job_id) REFERENCES job(id)
constraint plan.fk_plan_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint plan.fk_plan_submitted_by: FOREIGN KEY (submitted_by) REFERENCES person(id)
constraint plan.pk_plan: PRIMARY KEY (id)
constraint plan.uq_plan_document_id: UNIQUE (document_id)
constraint plan_case.ck_plan_case_four_at_most: CHECK (((number >= 1) AND (number <= 4)))
constraint plan_case.fk_plan_case_created_by: FOREIGN KEY (created_by) REFERENCES person(id)
constraint plan_case.fk_plan_case_job_id: FOREIGN KEY (job_id) REFERENCES job(id)
constraint plan_case.fk_plan_case_plan_id: FOREIGN KEY (plan_id) REFERENCES plan(id)
constraint plan_case.pk_plan_case: PRIMARY KEY (id)
constraint plan_case.uq_plan_case_plan_id_number: UNIQUE (plan_id, number)
constraint plan_line.ck_plan_line_whole_packs: CHECK (((packs > 0) AND (quantity = (packs * pack_size))))
constraint plan_line.fk_plan_line_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint plan_line.fk_plan_line_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint plan_line.fk_plan_line_plan_id: FOREIGN KEY (plan_id) REFERENCES plan(id)
constraint plan_line.fk_plan_line_reservation_id: FOREIGN KEY (reservation_id) REFERENCES reservation(id)
constraint plan_line.fk_plan_line_site_id: FOREIGN KEY (site_id) REFERENCES place(id)
constraint plan_line.fk_plan_line_warehouse_id: FOREIGN KEY (warehouse_id) REFERENCES place(id)
constraint plan_line.pk_plan_line: PRIMARY KEY (id)
constraint plan_line.uq_plan_line_plan_id_warehouse_id_lot_id_site_id: UNIQUE (plan_id, warehouse_id, lot_id, site_id)
constraint plan_need.fk_plan_need_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint plan_need.fk_plan_need_plan_id: FOREIGN KEY (plan_id) REFERENCES plan(id)
constraint plan_need.fk_plan_need_site_id: FOREIGN KEY (site_id) REFERENCES place(id)
constraint plan_need.pk_plan_need: PRIMARY KEY (id)
constraint plan_need.uq_plan_need_plan_id_site_id_item_id: UNIQUE (plan_id, site_id, item_id)
constraint pledge.ck_pledge_quantity_positive: CHECK ((quantity > 0))
constraint pledge.ck_pledge_received_within: CHECK (((received >= 0) AND (received <= quantity)))
constraint pledge.fk_pledge_appeal_id: FOREIGN KEY (appeal_id) REFERENCES appeal(id)
constraint pledge.fk_pledge_collection_id: FOREIGN KEY (collection_id) REFERENCES place(id)
constraint pledge.fk_pledge_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint pledge.fk_pledge_donor_id: FOREIGN KEY (donor_id) REFERENCES person(id)
constraint pledge.fk_pledge_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint pledge.fk_pledge_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint pledge.pk_pledge: PRIMARY KEY (id)
constraint pledge.uq_pledge_document_id: UNIQUE (document_id)
constraint pledge.uq_pledge_reference: UNIQUE (reference)
constraint pledge_earmark.fk_pledge_earmark_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint pledge_earmark.fk_pledge_earmark_pledge_id: FOREIGN KEY (pledge_id) REFERENCES pledge(id)
constraint pledge_earmark.pk_pledge_earmark: PRIMARY KEY (pledge_id, place_id)
constraint population_change.ck_population_change_households_of_people: CHECK (((households IS NULL) OR ((households > 0) AND (households <= people))))
constraint population_change.ck_population_change_people_positive: CHECK ((people > 0))
constraint population_change.fk_population_change_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint population_change.fk_population_change_recorded_by: FOREIGN KEY (recorded_by) REFERENCES person(id)
constraint population_change.fk_population_change_undoes_id: FOREIGN KEY (undoes_id) REFERENCES population_change(id)
constraint population_change.pk_population_change: PRIMARY KEY (id)
constraint population_change.uq_population_change_undone_once: UNIQUE (undoes_id)
constraint population_count.ck_population_count_households_not_negative: CHECK ((households >= 0))
constraint population_count.ck_population_count_people_not_negative: CHECK ((people >= 0))
constraint population_count.fk_population_count_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint population_count.fk_population_count_recorded_by: FOREIGN KEY (recorded_by) REFERENCES person(id)
constraint population_count.pk_population_count: PRIMARY KEY (id)
constraint population_group.ck_population_group_number_not_negative: CHECK ((number >= 0))
constraint population_group.fk_population_group_count_id: FOREIGN KEY (count_id) REFERENCES population_count(id)
constraint population_group.pk_population_group: PRIMARY KEY (count_id, group_code)
constraint purchase.fk_purchase_created_by: FOREIGN KEY (created_by) REFERENCES person(id)
constraint purchase.fk_purchase_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint purchase.fk_purchase_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint purchase.fk_purchase_warehouse_id: FOREIGN KEY (warehouse_id) REFERENCES place(id)
constraint purchase.pk_purchase: PRIMARY KEY (id)
constraint purchase.uq_purchase_document_id: UNIQUE (document_id)
constraint purchase_line.ck_purchase_line_quantity_positive: CHECK ((quantity > 0))
constraint purchase_line.ck_purchase_line_received_within: CHECK (((received >= 0) AND (received <= quantity)))
constraint purchase_line.fk_purchase_line_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint purchase_line.fk_purchase_line_purchase_id: FOREIGN KEY (purchase_id) REFERENCES purchase(id)
constraint purchase_line.pk_purchase_line: PRIMARY KEY (id)
constraint purchase_line.uq_purchase_line_purchase_id_item_id: UNIQUE (purchase_id, item_id)
constraint recall.fk_recall_closed_by: FOREIGN KEY (closed_by) REFERENCES person(id)
constraint recall.fk_recall_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint recall.fk_recall_opened_by: FOREIGN KEY (opened_by) REFERENCES person(id)
constraint recall.fk_recall_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint recall.pk_recall: PRIMARY KEY (id)
constraint recall.uq_recall_document_id: UNIQUE (document_id)
constraint recall_lot.fk_recall_lot_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint recall_lot.fk_recall_lot_recall_id: FOREIGN KEY (recall_id) REFERENCES recall(id)
constraint recall_lot.pk_recall_lot: PRIMARY KEY (recall_id, lot_id)
constraint receipt.fk_receipt_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint receipt.fk_receipt_recorded_by: FOREIGN KEY (recorded_by) REFERENCES person(id)
constraint receipt.fk_receipt_waybill_id: FOREIGN KEY (waybill_id) REFERENCES waybill(id)
constraint receipt.pk_receipt: PRIMARY KEY (id)
constraint receipt.uq_receipt_document_id: UNIQUE (document_id)
constraint receipt_line.ck_receipt_line_not_negative: CHECK (((good >= 0) AND (damaged >= 0) AND (missing >= 0) AND (excess >= 0)))
constraint receipt_line.fk_receipt_line_receipt_id: FOREIGN KEY (receipt_id) REFERENCES receipt(id)
constraint receipt_line.fk_receipt_line_waybill_line_id: FOREIGN KEY (waybill_line_id) REFERENCES waybill_line(id)
constraint receipt_line.pk_receipt_line: PRIMARY KEY (id)
constraint receipt_line.uq_receipt_line_receipt_id_waybill_line_id: UNIQUE (receipt_id, waybill_line_id)
constraint requisition.fk_requisition_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint requisition.fk_requisition_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint requisition.fk_requisition_recorded_by: FOREIGN KEY (recorded_by) REFERENCES person(id)
constraint requisition.fk_requisition_site_id: FOREIGN KEY (site_id) REFERENCES place(id)
constraint requisition.pk_requisition: PRIMARY KEY (id)
constraint requisition.uq_requisition_document_id: UNIQUE (document_id)
constraint requisition_line.ck_requisition_line_approved_not_negative: CHECK ((approved >= 0))
constraint requisition_line.ck_requisition_line_asked_positive: CHECK ((asked > 0))
constraint requisition_line.ck_requisition_line_not_negative: CHECK (((prepared >= 0) AND (on_road >= 0) AND (received >= 0)))
constraint requisition_line.fk_requisition_line_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint requisition_line.fk_requisition_line_requisition_id: FOREIGN KEY (requisition_id) REFERENCES requisition(id)
constraint requisition_line.pk_requisition_line: PRIMARY KEY (requisition_id, item_id)
constraint requisition_step.fk_requisition_step_by: FOREIGN KEY (by) REFERENCES person(id)
constraint requisition_step.fk_requisition_step_requisition_id: FOREIGN KEY (requisition_id) REFERENCES requisition(id)
constraint requisition_step.pk_requisition_step: PRIMARY KEY (id)
constraint reservation.ck_reservation_quantity_positive: CHECK ((quantity > 0))
constraint reservation.fk_reservation_command_id: FOREIGN KEY (command_id) REFERENCES command(id) DEFERRABLE INITIALLY DEFERRED
constraint reservation.fk_reservation_destination_id: FOREIGN KEY (destination_id) REFERENCES place(id)
constraint reservation.fk_reservation_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint reservation.fk_reservation_lot_id_kind_key: FOREIGN KEY (lot_id, kind, key) REFERENCES stock_balance(lot_id, kind, key)
constraint reservation.pk_reservation: PRIMARY KEY (id)
constraint role_grant.fk_role_grant_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint role_grant.fk_role_grant_person_id: FOREIGN KEY (person_id) REFERENCES person(id)
constraint role_grant.fk_role_grant_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint role_grant.pk_role_grant: PRIMARY KEY (id)
constraint role_grant.uq_role_grant_person_id_organisation_id_role_place_id: UNIQUE (person_id, organisation_id, role, place_id)
constraint route.ck_route_two_ends: CHECK ((origin_id <> destination_id))
constraint route.fk_route_destination_id: FOREIGN KEY (destination_id) REFERENCES place(id)
constraint route.fk_route_origin_id: FOREIGN KEY (origin_id) REFERENCES place(id)
constraint route.pk_route: PRIMARY KEY (id)
constraint route.uq_route_origin_id_destination_id: UNIQUE (origin_id, destination_id)
constraint route_vehicle_class.fk_route_vehicle_class_route_id: FOREIGN KEY (route_id) REFERENCES route(id)
constraint route_vehicle_class.pk_route_vehicle_class: PRIMARY KEY (route_id, vehicle_class)
constraint setting.pk_setting: PRIMARY KEY (name)
constraint shopping_list.ck_shopping_list_number_positive: CHECK ((number > 0))
constraint shopping_list.fk_shopping_list_created_by: FOREIGN KEY (created_by) REFERENCES person(id)
constraint shopping_list.fk_shopping_list_job_id: FOREIGN KEY (job_id) REFERENCES job(id)
constraint shopping_list.fk_shopping_list_plan_id: FOREIGN KEY (plan_id) REFERENCES plan(id)
constraint shopping_list.pk_shopping_list: PRIMARY KEY (id)
constraint shopping_list.uq_shopping_list_plan_id_number: UNIQUE (plan_id, number)
constraint site_condition.fk_site_condition_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint site_condition.fk_site_condition_set_by: FOREIGN KEY (set_by) REFERENCES person(id)
constraint site_condition.pk_site_condition: PRIMARY KEY (place_id)
constraint site_point.fk_site_point_place_id: FOREIGN KEY (place_id) REFERENCES place(id)
constraint site_point.pk_site_point: PRIMARY KEY (place_id)
constraint standard.ck_standard_per_positive: CHECK ((per > 0))
constraint standard.ck_standard_quantity_positive: CHECK ((quantity > 0))
constraint standard.fk_standard_approved_by: FOREIGN KEY (approved_by) REFERENCES person(id)
constraint standard.fk_standard_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint standard.pk_standard: PRIMARY KEY (id)
constraint stock_adjustment.ck_stock_adjustment_quantity_positive: CHECK ((quantity > 0))
constraint stock_adjustment.ck_stock_adjustment_second_person: CHECK (((decided_by IS NULL) OR (decided_by <> asked_by)))
constraint stock_adjustment.fk_stock_adjustment_asked_by: FOREIGN KEY (asked_by) REFERENCES person(id)
constraint stock_adjustment.fk_stock_adjustment_decided_by: FOREIGN KEY (decided_by) REFERENCES person(id)
constraint stock_adjustment.fk_stock_adjustment_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint stock_adjustment.fk_stock_adjustment_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint stock_adjustment.fk_stock_adjustment_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint stock_adjustment.fk_stock_adjustment_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint stock_adjustment.fk_stock_adjustment_warehouse_id: FOREIGN KEY (warehouse_id) REFERENCES place(id)
constraint stock_adjustment.pk_stock_adjustment: PRIMARY KEY (id)
constraint stock_adjustment.uq_stock_adjustment_document_id: UNIQUE (document_id)
constraint stock_balance.ck_stock_balance_never_below_zero: CHECK (((on_hand >= 0) OR ((kind)::text = ANY ((ARRAY['donor'::character varying, 'found'::character varying, 'handed_over'::character varying, 'remade'::character varying])::text[]))))
constraint stock_balance.ck_stock_balance_reserved_in_stock: CHECK (((reserved >= 0) AND ((reserved <= on_hand) OR (reserved = 0))))
constraint stock_balance.fk_stock_balance_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint stock_balance.fk_stock_balance_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint stock_balance.fk_stock_balance_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint stock_balance.pk_stock_balance: PRIMARY KEY (lot_id, kind, key)
constraint stock_correction.fk_stock_correction_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint stock_correction.fk_stock_correction_reverses_document_id: FOREIGN KEY (reverses_document_id) REFERENCES document(id)
constraint stock_correction.pk_stock_correction: PRIMARY KEY (id)
constraint stock_correction.uq_stock_correction_document_id: UNIQUE (document_id)
constraint stock_correction.uq_stock_correction_reverses_document_id: UNIQUE (reverses_document_id)
constraint stock_movement.ck_stock_movement_quantity_positive: CHECK (((quantity > 0) AND (quantity <= '1000000000000000'::bigint)))
constraint stock_movement.ck_stock_movement_two_sides: CHECK ((((source_kind)::text <> (target_kind)::text) OR (source_key <> target_key)))
constraint stock_movement.fk_stock_movement_command_id: FOREIGN KEY (command_id) REFERENCES command(id) DEFERRABLE INITIALLY DEFERRED
constraint stock_movement.fk_stock_movement_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint stock_movement.fk_stock_movement_lot_id_item_id: FOREIGN KEY (lot_id, item_id) REFERENCES lot(id, item_id)
constraint stock_movement.fk_stock_movement_recorded_by: FOREIGN KEY (recorded_by) REFERENCES person(id)
constraint stock_movement.fk_stock_movement_reverses_id: FOREIGN KEY (reverses_id) REFERENCES stock_movement(id)
constraint stock_movement.pk_stock_movement: PRIMARY KEY (id)
constraint stock_movement.uq_stock_movement_command_id_line: UNIQUE (command_id, line)
constraint stock_movement.uq_stock_movement_reverses_id: UNIQUE (reverses_id)
constraint stock_pace.fk_stock_pace_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint stock_pace.fk_stock_pace_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint stock_pace.fk_stock_pace_warehouse_id: FOREIGN KEY (warehouse_id) REFERENCES place(id)
constraint stock_pace.pk_stock_pace: PRIMARY KEY (organisation_id, warehouse_id, item_id)
constraint stock_take.fk_stock_take_counted_by: FOREIGN KEY (counted_by) REFERENCES person(id)
constraint stock_take.fk_stock_take_decided_by: FOREIGN KEY (decided_by) REFERENCES person(id)
constraint stock_take.fk_stock_take_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint stock_take.fk_stock_take_opened_by: FOREIGN KEY (opened_by) REFERENCES person(id)
constraint stock_take.fk_stock_take_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint stock_take.fk_stock_take_warehouse_id: FOREIGN KEY (warehouse_id) REFERENCES place(id)
constraint stock_take.pk_stock_take: PRIMARY KEY (id)
constraint stock_take.uq_stock_take_document_id: UNIQUE (document_id)
constraint stock_take_count.fk_stock_take_count_counted_by: FOREIGN KEY (counted_by) REFERENCES person(id)
constraint stock_take_count.fk_stock_take_count_line_id: FOREIGN KEY (line_id) REFERENCES stock_take_line(id)
constraint stock_take_count.pk_stock_take_count: PRIMARY KEY (id)
constraint stock_take_draft.fk_stock_take_draft_line_id: FOREIGN KEY (line_id) REFERENCES stock_take_line(id)
constraint stock_take_draft.fk_stock_take_draft_person_id: FOREIGN KEY (person_id) REFERENCES person(id)
constraint stock_take_draft.pk_stock_take_draft: PRIMARY KEY (line_id, person_id)
constraint stock_take_line.ck_stock_take_line_count_is_whole: CHECK ((((counted IS NULL) = (book IS NULL)) AND ((counted IS NULL) = ("position" IS NULL))))
constraint stock_take_line.ck_stock_take_line_counted_not_negative: CHECK ((counted >= 0))
constraint stock_take_line.fk_stock_take_line_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint stock_take_line.fk_stock_take_line_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint stock_take_line.fk_stock_take_line_take_id: FOREIGN KEY (take_id) REFERENCES stock_take(id)
constraint stock_take_line.pk_stock_take_line: PRIMARY KEY (id)
constraint stock_take_line.uq_stock_take_line_take_id_lot_id_kind: UNIQUE (take_id, lot_id, kind)
constraint stock_total.ck_stock_total_never_below_zero: CHECK (((on_hand >= 0) OR ((kind)::text = ANY ((ARRAY['donor'::character varying, 'found'::character varying, 'handed_over'::character varying, 'remade'::character varying])::text[]))))
constraint stock_total.fk_stock_total_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint stock_total.fk_stock_total_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint stock_total.pk_stock_total: PRIMARY KEY (kind, key, organisation_id, item_id)
constraint transfer_request.ck_transfer_request_two_ends: CHECK ((origin_id <> destination_id))
constraint transfer_request.fk_transfer_request_closed_by: FOREIGN KEY (closed_by) REFERENCES person(id)
constraint transfer_request.fk_transfer_request_destination_id: FOREIGN KEY (destination_id) REFERENCES place(id)
constraint transfer_request.fk_transfer_request_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint transfer_request.fk_transfer_request_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint transfer_request.fk_transfer_request_origin_id: FOREIGN KEY (origin_id) REFERENCES place(id)
constraint transfer_request.fk_transfer_request_requested_by: FOREIGN KEY (requested_by) REFERENCES person(id)
constraint transfer_request.pk_transfer_request: PRIMARY KEY (id)
constraint transfer_request.uq_transfer_request_document_id: UNIQUE (document_id)
constraint transfer_request_line.ck_transfer_request_line_quantity_positive: CHECK ((quantity > 0))
constraint transfer_request_line.fk_transfer_request_line_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint transfer_request_line.fk_transfer_request_line_request_id: FOREIGN KEY (request_id) REFERENCES transfer_request(id)
constraint transfer_request_line.pk_transfer_request_line: PRIMARY KEY (request_id, item_id)
constraint transit.fk_transit_destination_id: FOREIGN KEY (destination_id) REFERENCES place(id)
constraint transit.fk_transit_origin_id: FOREIGN KEY (origin_id) REFERENCES place(id)
constraint transit.pk_transit: PRIMARY KEY (id)
constraint vehicle.fk_vehicle_base_id: FOREIGN KEY (base_id) REFERENCES place(id)
constraint vehicle.fk_vehicle_carrier_id: FOREIGN KEY (carrier_id) REFERENCES carrier(id)
constraint vehicle.fk_vehicle_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint vehicle.pk_vehicle: PRIMARY KEY (id)
constraint vehicle.uq_vehicle_organisation_id_plate: UNIQUE (organisation_id, plate)
constraint waybill.fk_waybill_destination_id: FOREIGN KEY (destination_id) REFERENCES place(id)
constraint waybill.fk_waybill_document_id: FOREIGN KEY (document_id) REFERENCES document(id)
constraint waybill.fk_waybill_loaded_by: FOREIGN KEY (loaded_by) REFERENCES person(id)
constraint waybill.fk_waybill_organisation_id: FOREIGN KEY (organisation_id) REFERENCES organisation(id)
constraint waybill.fk_waybill_origin_id: FOREIGN KEY (origin_id) REFERENCES place(id)
constraint waybill.fk_waybill_plan_id: FOREIGN KEY (plan_id) REFERENCES plan(id)
constraint waybill.fk_waybill_prepared_by: FOREIGN KEY (prepared_by) REFERENCES person(id)
constraint waybill.fk_waybill_request_id: FOREIGN KEY (request_id) REFERENCES transfer_request(id)
constraint waybill.fk_waybill_transit_id: FOREIGN KEY (transit_id) REFERENCES transit(id)
constraint waybill.pk_waybill: PRIMARY KEY (id)
constraint waybill.uq_waybill_document_id: UNIQUE (document_id)
constraint waybill.uq_waybill_transit_id: UNIQUE (transit_id)
constraint waybill_line.ck_waybill_line_quantity_positive: CHECK ((quantity > 0))
constraint waybill_line.fk_waybill_line_item_id: FOREIGN KEY (item_id) REFERENCES item(id)
constraint waybill_line.fk_waybill_line_lot_id: FOREIGN KEY (lot_id) REFERENCES lot(id)
constraint waybill_line.fk_waybill_line_requisition_id: FOREIGN KEY (requisition_id) REFERENCES requisition(id)
constraint waybill_line.fk_waybill_line_reservation_id: FOREIGN KEY (reservation_id) REFERENCES reservation(id)
constraint waybill_line.fk_waybill_line_waybill_id: FOREIGN KEY (waybill_id) REFERENCES waybill(id)
constraint waybill_line.pk_waybill_line: PRIMARY KEY (id)
constraint waybill_line.uq_waybill_line_waybill_id_line: UNIQUE (waybill_id, line)
function aidlog_frozen: CREATE OR REPLACE FUNCTION public.aidlog_frozen() RETURNS trigger LANGUAGE plpgsql AS $function$ BEGIN RAISE EXCEPTION '%_is_frozen', TG_TABLE_NAME USING ERRCODE = 'check_violation'; END $function$
function aidlog_item_pack_fixed: CREATE OR REPLACE FUNCTION public.aidlog_item_pack_fixed() RETURNS trigger LANGUAGE plpgsql AS $function$ BEGIN IF NEW.item_id <> OLD.item_id OR NEW.kind <> OLD.kind OR NEW.size <> OLD.size THEN RAISE EXCEPTION 'item_pack_is_fixed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$
function aidlog_lot_fixed: CREATE OR REPLACE FUNCTION public.aidlog_lot_fixed() RETURNS trigger LANGUAGE plpgsql AS $function$ BEGIN IF NEW.item_id <> OLD.item_id OR NEW.number <> OLD.number OR NEW.expires_on IS DISTINCT FROM OLD.expires_on OR NEW.origin <> OLD.origin OR NEW.organisation_id <> OLD.organisation_id OR NEW.pack_size <> OLD.pack_size OR NEW.pack_kind <> OLD.pack_kind THEN RAISE EXCEPTION 'lot_is_fixed_at_receipt' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$
function aidlog_movement_apply: CREATE OR REPLACE FUNCTION public.aidlog_movement_apply() RETURNS trigger LANGUAGE plpgsql AS $function$ DECLARE free BIGINT; owner BIGINT; BEGIN SELECT organisation_id INTO owner FROM lot WHERE id = NEW.lot_id; INSERT INTO stock_balance (lot_id, kind, key, item_id, organisation_id, on_hand, reserved) SELECT NEW.lot_id, side.kind, side.key, NEW.item_id, owner, 0, 0 FROM (VALUES (NEW.source_kind, NEW.source_key), (NEW.target_kind, NEW.target_key)) AS side(kind, key) ORDER BY side.kind, side.key ON CONFLICT DO NOTHING; PERFORM 1 FROM stock_balance WHERE lot_id = NEW.lot_id AND ((kind = NEW.source_kind AND key = NEW.source_key) OR (kind = NEW.target_kind AND key = NEW.target_key)) ORDER BY lot_id, kind, key FOR UPDATE; IF NEW.source_kind NOT IN ('donor', 'found', 'handed_over', 'remade') THEN SELECT on_hand - reserved INTO free FROM stock_balance WHERE lot_id = NEW.lot_id AND kind = NEW.source_kind AND key = NEW.source_key; IF free < NEW.quantity THEN RAISE EXCEPTION 'not_enough_stock' USING ERRCODE = 'check_violation'; END IF; END IF; INSERT INTO stock_total (kind, key, organisation_id, item_id, on_hand, reserved) SELECT side.kind, side.key, owner, NEW.item_id, 0, 0 FROM (VALUES (NEW.source_kind, NEW.source_key), (NEW.target_kind, NEW.target_key)) AS side(kind, key) ORDER BY side.kind, side.key ON CONFLICT DO NOTHING; PERFORM 1 FROM stock_total WHERE organisation_id = owner AND item_id = NEW.item_id AND ((kind = NEW.source_kind AND key = NEW.source_key) OR (kind = NEW.target_kind AND key = NEW.target_key)) ORDER BY kind, key FOR UPDATE; UPDATE stock_balance SET on_hand = on_hand - NEW.quantity WHERE lot_id = NEW.lot_id AND kind = NEW.source_kind AND key = NEW.source_key; UPDATE stock_balance SET on_hand = on_hand + NEW.quantity WHERE lot_id = NEW.lot_id AND kind = NEW.target_kind AND key = NEW.target_key; UPDATE stock_total SET on_hand = on_hand - NEW.quantity WHERE kind = NEW.source_kind AND key = NEW.source_key AND organisation_id = owner AND item_id = NEW.item_id; UPDATE stock_total SET on_hand = on_hand + NEW.quantity WHERE kind = NEW.target_kind AND key = NEW.target_key AND organisation_id = owner AND item_id = NEW.item_id; RETURN NEW; END $function$
function aidlog_movement_check: CREATE OR REPLACE FUNCTION public.aidlog_movement_check() RETURNS trigger LANGUAGE plpgsql AS $function$ BEGIN IF NEW.reverses_id IS NOT NULL AND NOT EXISTS ( SELECT 1 FROM stock_movement AS m WHERE m.id = NEW.reverses_id AND m.reverses_id IS NULL AND m.lot_id = NEW.lot_id AND m.quantity = NEW.quantity AND m.source_kind = NEW.target_kind AND m.source_key = NEW.target_key AND m.target_kind = NEW.source_kind AND m.target_key = NEW.source_key) THEN RAISE EXCEPTION 'reversal_does_not_mirror' USING ERRCODE = 'check_violation'; END IF; IF (NEW.source_kind = 'quarantine' AND NEW.target_kind NOT IN ('warehouse', 'loss', 'donor', 'found', 'remade')) OR (NEW.source_kind = 'site_held' AND NEW.target_kind NOT IN ('site', 'loss', 'donor', 'found')) THEN RAISE EXCEPTION 'held_goods_do_not_leave' USING ERRCODE = 'check_violation'; END IF; IF NEW.target_kind IN ('transit', 'people') AND NEW.reverses_id IS NULL AND (SELECT expires_on FROM lot WHERE id = NEW.lot_id) < (now() AT TIME ZONE 'utc')::date THEN RAISE EXCEPTION 'lot_expired' USING ERRCODE = 'check_violation'; END IF; IF NEW.target_kind IN ('transit', 'people') AND NEW.reverses_id IS NULL AND EXISTS ( SELECT 1 FROM recall_lot AS l JOIN recall AS r ON r.id = l.recall_id WHERE l.lot_id = NEW.lot_id AND r.closed_at IS NULL) THEN RAISE EXCEPTION 'lot_recalled' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$
function aidlog_reservation_end: CREATE OR REPLACE FUNCTION public.aidlog_reservation_end() RETURNS trigger LANGUAGE plpgsql AS $function$ BEGIN IF OLD.state <> 'held' OR NEW.state NOT IN ('consumed', 'released') OR NEW.quantity <> OLD.quantity OR NEW.lot_id <> OLD.lot_id OR NEW.kind <> OLD.kind OR NEW.key <> OLD.key OR NEW.document_id <> OLD.document_id THEN RAISE EXCEPTION 'reservation_ends_once_and_whole' USING ERRCODE = 'check_violation'; END IF; UPDATE stock_balance SET reserved = reserved - OLD.quantity WHERE lot_id = OLD.lot_id AND kind = OLD.kind AND key = OLD.key; UPDATE stock_total AS t SET reserved = reserved - OLD.quantity FROM lot WHERE lot.id = OLD.lot_id AND t.kind = OLD.kind AND t.key = OLD.key AND t.item_id = lot.item_id AND t.organisation_id = lot.organisation_id; RETURN NEW; END $function$
function aidlog_reservation_hold: CREATE OR REPLACE FUNCTION public.aidlog_reservation_hold() RETURNS trigger LANGUAGE plpgsql AS $function$ BEGIN IF NEW.state <> 'held' THEN RAISE EXCEPTION 'reservation_starts_held' USING ERRCODE = 'check_violation'; END IF; UPDATE stock_balance SET reserved = reserved + NEW.quantity WHERE lot_id = NEW.lot_id AND kind = NEW.kind AND key = NEW.key; UPDATE stock_total AS t SET reserved = reserved + NEW.quantity FROM lot WHERE lot.id = NEW.lot_id AND t.kind = NEW.kind AND t.key = NEW.key AND t.item_id = lot.item_id AND t.organisation_id = lot.organisation_id; RETURN NEW; END $function$
index adjustment_limit.pk_adjustment_limit: CREATE UNIQUE INDEX pk_adjustment_limit ON public.adjustment_limit USING btree (organisation_id)
index alembic_version.alembic_version_pkc: CREATE UNIQUE INDEX alembic_version_pkc ON public.alembic_version USING btree (version_num)
index alert_aside.pk_alert_aside: CREATE UNIQUE INDEX pk_alert_aside ON public.alert_aside USING btree (id)
index alert_aside.uq_alert_aside_standing: CREATE UNIQUE INDEX uq_alert_aside_standing ON public.alert_aside USING btree (organisation_id, kind, place_id, subject_id) WHERE (ended_at IS NULL)
index alert_limit.pk_alert_limit: CREATE UNIQUE INDEX pk_alert_limit ON public.alert_limit USING btree (id)
index alert_limit.uq_alert_limit_all: CREATE UNIQUE INDEX uq_alert_limit_all ON public.alert_limit USING btree (organisation_id) WHERE (item_id IS NULL)
index alert_limit.uq_alert_limit_item: CREATE UNIQUE INDEX uq_alert_limit_item ON public.alert_limit USING btree (organisation_id, item_id) WHERE (item_id IS NOT NULL)
index appeal.pk_appeal: CREATE UNIQUE INDEX pk_appeal ON public.appeal USING btree (id)
index appeal_item.pk_appeal_item: CREATE UNIQUE INDEX pk_appeal_item ON public.appeal_item USING btree (appeal_id, item_id)
index assessment.ix_assessment_latest: CREATE INDEX ix_assessment_latest ON public.assessment USING btree (place_id, item_id, assessed_on, id)
index assessment.pk_assessment: CREATE UNIQUE INDEX pk_assessment ON public.assessment USING btree (id)
index audit_entry.pk_audit_entry: CREATE UNIQUE INDEX pk_audit_entry ON public.audit_entry USING btree (id)
index audit_head.pk_audit_head: CREATE UNIQUE INDEX pk_audit_head ON public.audit_head USING btree (id)
index carrier.pk_carrier: CREATE UNIQUE INDEX pk_carrier ON public.carrier USING btree (id)
index carrier.uq_carrier_organisation_id_name: CREATE UNIQUE INDEX uq_carrier_organisation_id_name ON public.carrier USING btree (organisation_id, name)
index command.pk_command: CREATE UNIQUE INDEX pk_command ON public.command USING btree (id)
index date_flag.ix_date_flag_open: CREATE INDEX ix_date_flag_open ON public.date_flag USING btree (flagged_at) WHERE (seen_at IS NULL)
index date_flag.pk_date_flag: CREATE UNIQUE INDEX pk_date_flag ON public.date_flag USING btree (id)
index date_flag.uq_date_flag_document_id_lot_id_kind_key: CREATE UNIQUE INDEX uq_date_flag_document_id_lot_id_kind_key ON public.date_flag USING btree (document_id, lot_id, kind, key)
index document.pk_document: CREATE UNIQUE INDEX pk_document ON public.document USING btree (id)
index document.uq_document_code: CREATE UNIQUE INDEX uq_document_code ON public.document USING btree (code)
index document.uq_document_organisation_id_series_year_number: CREATE UNIQUE INDEX uq_document_organisation_id_series_year_number ON public.document USING btree (organisation_id, series, year, number)
index document_counter.pk_document_counter: CREATE UNIQUE INDEX pk_document_counter ON public.document_counter USING btree (organisation_id, series, year)
index feedback.ix_feedback_organisation_id_state: CREATE INDEX ix_feedback_organisation_id_state ON public.feedback USING btree (organisation_id, state)
index feedback.ix_feedback_site_id: CREATE INDEX ix_feedback_site_id ON public.feedback USING btree (site_id)
index feedback.pk_feedback: CREATE UNIQUE INDEX pk_feedback ON public.feedback USING btree (id)
index goods_photo.pk_goods_photo: CREATE UNIQUE INDEX pk_goods_photo ON public.goods_photo USING btree (id)
index goods_photo.uq_goods_photo_note_id_sha256: CREATE UNIQUE INDEX uq_goods_photo_note_id_sha256 ON public.goods_photo USING btree (note_id, sha256)
index goods_received.ix_goods_received_cites_id: CREATE INDEX ix_goods_received_cites_id ON public.goods_received USING btree (cites_id)
index goods_received.ix_goods_received_pledge_id: CREATE INDEX ix_goods_received_pledge_id ON public.goods_received USING btree (pledge_id)
index goods_received.ix_goods_received_purchase_id: CREATE INDEX ix_goods_received_purchase_id ON public.goods_received USING btree (purchase_id)
index goods_received.ix_goods_received_warehouse_id: CREATE INDEX ix_goods_received_warehouse_id ON public.goods_received USING btree (warehouse_id)
index goods_received.pk_goods_received: CREATE UNIQUE INDEX pk_goods_received ON public.goods_received USING btree (id)
index goods_received.uq_goods_received_document_id: CREATE UNIQUE INDEX uq_goods_received_document_id ON public.goods_received USING btree (document_id)
index goods_received_line.ix_goods_received_line_note_id: CREATE INDEX ix_goods_received_line_note_id ON public.goods_received_line USING btree (note_id)
index goods_received_line.pk_goods_received_line: CREATE UNIQUE INDEX pk_goods_received_line ON public.goods_received_line USING btree (id)
index hand_out.ix_hand_out_site_id: CREATE INDEX ix_hand_out_site_id ON public.hand_out USING btree (site_id)
index hand_out.pk_hand_out: CREATE UNIQUE INDEX pk_hand_out ON public.hand_out USING btree (id)
index hand_out.uq_hand_out_document_id: CREATE UNIQUE INDEX uq_hand_out_document_id ON public.hand_out USING btree (document_id)
index handover.ix_handover_organisation_id_state: CREATE INDEX ix_handover_organisation_id_state ON public.handover USING btree (organisation_id, state)
index handover.ix_handover_taker_id_state: CREATE INDEX ix_handover_taker_id_state ON public.handover USING btree (taker_id, state)
index handover.pk_handover: CREATE UNIQUE INDEX pk_handover ON public.handover USING btree (id)
index handover.uq_handover_document_id: CREATE UNIQUE INDEX uq_handover_document_id ON public.handover USING btree (document_id)
index handover.uq_handover_waybill_id: CREATE UNIQUE INDEX uq_handover_waybill_id ON public.handover USING btree (waybill_id)
index handover_line.pk_handover_line: CREATE UNIQUE INDEX pk_handover_line ON public.handover_line USING btree (id)
index handover_line.uq_handover_line_handover_id_lot_id: CREATE UNIQUE INDEX uq_handover_line_handover_id_lot_id ON public.handover_line USING btree (handover_id, lot_id)
index import_file.ix_import_file_digest: CREATE INDEX ix_import_file_digest ON public.import_file USING btree (kind, digest)
index import_file.pk_import_file: CREATE UNIQUE INDEX pk_import_file ON public.import_file USING btree (id)
index item.pk_item: CREATE UNIQUE INDEX pk_item ON public.item USING btree (id)
index item.uq_item_code: CREATE UNIQUE INDEX uq_item_code ON public.item USING btree (code)
index item_pack.pk_item_pack: CREATE UNIQUE INDEX pk_item_pack ON public.item_pack USING btree (id)
index item_pack.uq_item_pack_item_id_kind_size: CREATE UNIQUE INDEX uq_item_pack_item_id_kind_size ON public.item_pack USING btree (item_id, kind, size)
index item_pack.uq_item_pack_one_to_issue: CREATE UNIQUE INDEX uq_item_pack_one_to_issue ON public.item_pack USING btree (item_id) WHERE (issue AND active)
index job.ix_job_state_heartbeat_at: CREATE INDEX ix_job_state_heartbeat_at ON public.job USING btree (state, heartbeat_at)
index job.pk_job: CREATE UNIQUE INDEX pk_job ON public.job USING btree (id)
index kit_content.ix_kit_content_item_id: CREATE INDEX ix_kit_content_item_id ON public.kit_content USING btree (item_id)
index kit_content.pk_kit_content: CREATE UNIQUE INDEX pk_kit_content ON public.kit_content USING btree (version_id, item_id)
index kit_version.pk_kit_version: CREATE UNIQUE INDEX pk_kit_version ON public.kit_version USING btree (id)
index kit_version.uq_kit_version_item_id_number: CREATE UNIQUE INDEX uq_kit_version_item_id_number ON public.kit_version USING btree (item_id, number)
index kit_work.ix_kit_work_lot_id: CREATE INDEX ix_kit_work_lot_id ON public.kit_work USING btree (lot_id)
index kit_work.ix_kit_work_version_id: CREATE INDEX ix_kit_work_version_id ON public.kit_work USING btree (version_id)
index kit_work.pk_kit_work: CREATE UNIQUE INDEX pk_kit_work ON public.kit_work USING btree (id)
index kit_work.uq_kit_work_document_id: CREATE UNIQUE INDEX uq_kit_work_document_id ON public.kit_work USING btree (document_id)
index login_attempt.ix_login_attempt_account_hash_at: CREATE INDEX ix_login_attempt_account_hash_at ON public.login_attempt USING btree (account_hash, at)
index login_attempt.ix_login_attempt_address_hash_at: CREATE INDEX ix_login_attempt_address_hash_at ON public.login_attempt USING btree (address_hash, at)
index login_attempt.pk_login_attempt: CREATE UNIQUE INDEX pk_login_attempt ON public.login_attempt USING btree (id)
index login_session.ix_login_session_person_id: CREATE INDEX ix_login_session_person_id ON public.login_session USING btree (person_id)
index login_session.pk_login_session: CREATE UNIQUE INDEX pk_login_session ON public.login_session USING btree (id)
index login_session.uq_login_session_token_hash: CREATE UNIQUE INDEX uq_login_session_token_hash ON public.login_session USING btree (token_hash)
index loss_report.ix_loss_report_waybill_id: CREATE INDEX ix_loss_report_waybill_id ON public.loss_report USING btree (waybill_id)
index loss_report.pk_loss_report: CREATE UNIQUE INDEX pk_loss_report ON public.loss_report USING btree (id)
index loss_report.uq_loss_report_document_id: CREATE UNIQUE INDEX uq_loss_report_document_id ON public.loss_report USING btree (document_id)
index loss_report.uq_loss_report_open: CREATE UNIQUE INDEX uq_loss_report_open ON public.loss_report USING btree (receipt_id) WHERE ((state)::text = 'open'::text)
index lot.ix_lot_expires_on: CREATE INDEX ix_lot_expires_on ON public.lot USING btree (expires_on)
index lot.ix_lot_gift_code: CREATE INDEX ix_lot_gift_code ON public.lot USING btree (gift_code)
index lot.ix_lot_item_id: CREATE INDEX ix_lot_item_id ON public.lot USING btree (item_id, expires_on)
index lot.pk_lot: CREATE UNIQUE INDEX pk_lot ON public.lot USING btree (id)
index lot.uq_lot_id_item_id: CREATE UNIQUE INDEX uq_lot_id_item_id ON public.lot USING btree (id, item_id)
index lot.uq_lot_organisation_id_item_id_number: CREATE UNIQUE INDEX uq_lot_organisation_id_item_id_number ON public.lot USING btree (organisation_id, item_id, number)
index lot_earmark.pk_lot_earmark: CREATE UNIQUE INDEX pk_lot_earmark ON public.lot_earmark USING btree (lot_id, place_id)
index lot_parent.ix_lot_parent_lot_id: CREATE INDEX ix_lot_parent_lot_id ON public.lot_parent USING btree (lot_id)
index lot_parent.ix_lot_parent_parent_id: CREATE INDEX ix_lot_parent_parent_id ON public.lot_parent USING btree (parent_id)
index lot_parent.pk_lot_parent: CREATE UNIQUE INDEX pk_lot_parent ON public.lot_parent USING btree (document_id, lot_id, parent_id)
index lot_zone.ix_lot_zone_place_id_zone: CREATE INDEX ix_lot_zone_place_id_zone ON public.lot_zone USING btree (place_id, zone)
index lot_zone.pk_lot_zone: CREATE UNIQUE INDEX pk_lot_zone ON public.lot_zone USING btree (lot_id, place_id)
index need_choice.pk_need_choice: CREATE UNIQUE INDEX pk_need_choice ON public.need_choice USING btree (place_id, item_id)
index organisation.pk_organisation: CREATE UNIQUE INDEX pk_organisation ON public.organisation USING btree (id)
index organisation.uq_organisation_code: CREATE UNIQUE INDEX uq_organisation_code ON public.organisation USING btree (code)
index outbox_entry.ix_outbox_entry_waiting: CREATE INDEX ix_outbox_entry_waiting ON public.outbox_entry USING btree (not_before) WHERE (sent_at IS NULL)
index outbox_entry.pk_outbox_entry: CREATE UNIQUE INDEX pk_outbox_entry ON public.outbox_entry USING btree (id)
index person.pk_person: CREATE UNIQUE INDEX pk_person ON public.person USING btree (id)
index person.uq_person_login: CREATE UNIQUE INDEX uq_person_login ON public.person USING btree (login)
index place.ix_place_kind_organisation_id: CREATE INDEX ix_place_kind_organisation_id ON public.place USING btree (kind, organisation_id)
index place.pk_place: CREATE UNIQUE INDEX pk_place ON public.place USING btree (id)
index place.uq_place_code: CREATE UNIQUE INDEX uq_place_code ON public.place USING btree (code)
index plan.ix_plan_organisation_id_state: CREATE INDEX ix_plan_organisation_id_state ON public.plan USING btree (organisation_id, state)
index plan.pk_plan: CREATE UNIQUE INDEX pk_plan ON public.plan USING btree (id)
index plan.uq_plan_document_id: CREATE UNIQUE INDEX uq_plan_document_id ON public.plan USING btree (document_id)
index plan_case.pk_plan_case: CREATE UNIQUE INDEX pk_plan_case ON public.plan_case USING btree (id)
index plan_case.uq_plan_case_plan_id_number: CREATE UNIQUE INDEX uq_plan_case_plan_id_number ON public.plan_case USING btree (plan_id, number)
index plan_line.ix_plan_line_site_id: CREATE INDEX ix_plan_line_site_id ON public.plan_line USING btree (site_id)
index plan_line.pk_plan_line: CREATE UNIQUE INDEX pk_plan_line ON public.plan_line USING btree (id)
index plan_line.uq_plan_line_plan_id_warehouse_id_lot_id_site_id: CREATE UNIQUE INDEX uq_plan_line_plan_id_warehouse_id_lot_id_site_id ON public.plan_line USING btree (plan_id, warehouse_id, lot_id, site_id)
index plan_need.pk_plan_need: CREATE UNIQUE INDEX pk_plan_need ON public.plan_need USING btree (id)
index plan_need.uq_plan_need_plan_id_site_id_item_id: CREATE UNIQUE INDEX uq_plan_need_plan_id_site_id_item_id ON public.plan_need USING btree (plan_id, site_id, item_id)
index pledge.ix_pledge_donor_id: CREATE INDEX ix_pledge_donor_id ON public.pledge USING btree (donor_id)
index pledge.ix_pledge_organisation_id_state: CREATE INDEX ix_pledge_organisation_id_state ON public.pledge USING btree (organisation_id, state, expected_on)
index pledge.ix_pledge_token_hash: CREATE INDEX ix_pledge_token_hash ON public.pledge USING btree (token_hash)
index pledge.pk_pledge: CREATE UNIQUE INDEX pk_pledge ON public.pledge USING btree (id)
index pledge.uq_pledge_document_id: CREATE UNIQUE INDEX uq_pledge_document_id ON public.pledge USING btree (document_id)
index pledge.uq_pledge_reference: CREATE UNIQUE INDEX uq_pledge_reference ON public.pledge USING btree (reference)
index pledge_earmark.pk_pledge_earmark: CREATE UNIQUE INDEX pk_pledge_earmark ON public.pledge_earmark USING btree (pledge_id, place_id)
index population_change.ix_population_change_place: CREATE INDEX ix_population_change_place ON public.population_change USING btree (place_id, happened_on)
index population_change.pk_population_change: CREATE UNIQUE INDEX pk_population_change ON public.population_change USING btree (id)
index population_change.uq_population_change_undone_once: CREATE UNIQUE INDEX uq_population_change_undone_once ON public.population_change USING btree (undoes_id)
index population_count.ix_population_count_latest: CREATE INDEX ix_population_count_latest ON public.population_count USING btree (place_id, counted_on, id)
index population_count.pk_population_count: CREATE UNIQUE INDEX pk_population_count ON public.population_count USING btree (id)
index population_group.pk_population_group: CREATE UNIQUE INDEX pk_population_group ON public.population_group USING btree (count_id, group_code)
index purchase.ix_purchase_organisation_id_state: CREATE INDEX ix_purchase_organisation_id_state ON public.purchase USING btree (organisation_id, state, expected_on)
index purchase.pk_purchase: CREATE UNIQUE INDEX pk_purchase ON public.purchase USING btree (id)
index purchase.uq_purchase_document_id: CREATE UNIQUE INDEX uq_purchase_document_id ON public.purchase USING btree (document_id)
index purchase_line.pk_purchase_line: CREATE UNIQUE INDEX pk_purchase_line ON public.purchase_line USING btree (id)
index purchase_line.uq_purchase_line_purchase_id_item_id: CREATE UNIQUE INDEX uq_purchase_line_purchase_id_item_id ON public.purchase_line USING btree (purchase_id, item_id)
index recall.pk_recall: CREATE UNIQUE INDEX pk_recall ON public.recall USING btree (id)
index recall.uq_recall_document_id: CREATE UNIQUE INDEX uq_recall_document_id ON public.recall USING btree (document_id)
index recall_lot.ix_recall_lot_lot_id: CREATE INDEX ix_recall_lot_lot_id ON public.recall_lot USING btree (lot_id)
index recall_lot.pk_recall_lot: CREATE UNIQUE INDEX pk_recall_lot ON public.recall_lot USING btree (recall_id, lot_id)
index receipt.ix_receipt_waybill_id: CREATE INDEX ix_receipt_waybill_id ON public.receipt USING btree (waybill_id)
index receipt.pk_receipt: CREATE UNIQUE INDEX pk_receipt ON public.receipt USING btree (id)
index receipt.uq_receipt_booked: CREATE UNIQUE INDEX uq_receipt_booked ON public.receipt USING btree (waybill_id) WHERE booked
index receipt.uq_receipt_document_id: CREATE UNIQUE INDEX uq_receipt_document_id ON public.receipt USING btree (document_id)
index receipt_line.pk_receipt_line: CREATE UNIQUE INDEX pk_receipt_line ON public.receipt_line USING btree (id)
index receipt_line.uq_receipt_line_receipt_id_waybill_line_id: CREATE UNIQUE INDEX uq_receipt_line_receipt_id_waybill_line_id ON public.receipt_line USING btree (receipt_id, waybill_line_id)
index requisition.ix_requisition_organisation_id_state: CREATE INDEX ix_requisition_organisation_id_state ON public.requisition USING btree (organisation_id, state)
index requisition.ix_requisition_site_id_state: CREATE INDEX ix_requisition_site_id_state ON public.requisition USING btree (site_id, state)
index requisition.pk_requisition: CREATE UNIQUE INDEX pk_requisition ON public.requisition USING btree (id)
index requisition.uq_requisition_document_id: CREATE UNIQUE INDEX uq_requisition_document_id ON public.requisition USING btree (document_id)
index requisition_line.pk_requisition_line: CREATE UNIQUE INDEX pk_requisition_line ON public.requisition_line USING btree (requisition_id, item_id)
index requisition_step.ix_requisition_step_requisition_id: CREATE INDEX ix_requisition_step_requisition_id ON public.requisition_step USING btree (requisition_id)
index requisition_step.pk_requisition_step: CREATE UNIQUE INDEX pk_requisition_step ON public.requisition_step USING btree (id)
index reservation.ix_reservation_document_id: CREATE INDEX ix_reservation_document_id ON public.reservation USING btree (document_id)
index reservation.ix_reservation_held: CREATE INDEX ix_reservation_held ON public.reservation USING btree (lot_id, kind, key) WHERE ((state)::text = 'held'::text)
index reservation.pk_reservation: CREATE UNIQUE INDEX pk_reservation ON public.reservation USING btree (id)
index role_grant.pk_role_grant: CREATE UNIQUE INDEX pk_role_grant ON public.role_grant USING btree (id)
index role_grant.uq_role_grant_person_id_organisation_id_role_place_id: CREATE UNIQUE INDEX uq_role_grant_person_id_organisation_id_role_place_id ON public.role_grant USING btree (person_id, organisation_id, role, place_id)
index route.ix_route_destination_id: CREATE INDEX ix_route_destination_id ON public.route USING btree (destination_id)
index route.pk_route: CREATE UNIQUE INDEX pk_route ON public.route USING btree (id)
index route.uq_route_origin_id_destination_id: CREATE UNIQUE INDEX uq_route_origin_id_destination_id ON public.route USING btree (origin_id, destination_id)
index route_vehicle_class.pk_route_vehicle_class: CREATE UNIQUE INDEX pk_route_vehicle_class ON public.route_vehicle_class USING btree (route_id, vehicle_class)
index setting.pk_setting: CREATE UNIQUE INDEX pk_setting ON public.setting USING btree (name)
index shopping_list.pk_shopping_list: CREATE UNIQUE INDEX pk_shopping_list ON public.shopping_list USING btree (id)
index shopping_list.uq_shopping_list_plan_id_number: CREATE UNIQUE INDEX uq_shopping_list_plan_id_number ON public.shopping_list USING btree (plan_id, number)
index site_condition.pk_site_condition: CREATE UNIQUE INDEX pk_site_condition ON public.site_condition USING btree (place_id)
index site_point.pk_site_point: CREATE UNIQUE INDEX pk_site_point ON public.site_point USING btree (place_id)
index standard.ix_standard_item_id_valid_from: CREATE INDEX ix_standard_item_id_valid_from ON public.standard USING btree (item_id, valid_from)
index standard.pk_standard: CREATE UNIQUE INDEX pk_standard ON public.standard USING btree (id)
index stock_adjustment.ix_stock_adjustment_item_id: CREATE INDEX ix_stock_adjustment_item_id ON public.stock_adjustment USING btree (item_id)
index stock_adjustment.ix_stock_adjustment_organisation_id_state: CREATE INDEX ix_stock_adjustment_organisation_id_state ON public.stock_adjustment USING btree (organisation_id, state)
index stock_adjustment.pk_stock_adjustment: CREATE UNIQUE INDEX pk_stock_adjustment ON public.stock_adjustment USING btree (id)
index stock_adjustment.uq_stock_adjustment_document_id: CREATE UNIQUE INDEX uq_stock_adjustment_document_id ON public.stock_adjustment USING btree (document_id)
index stock_balance.ix_stock_balance_account: CREATE INDEX ix_stock_balance_account ON public.stock_balance USING btree (kind, key, item_id, lot_id)
index stock_balance.pk_stock_balance: CREATE UNIQUE INDEX pk_stock_balance ON public.stock_balance USING btree (lot_id, kind, key)
index stock_correction.pk_stock_correction: CREATE UNIQUE INDEX pk_stock_correction ON public.stock_correction USING btree (id)
index stock_correction.uq_stock_correction_document_id: CREATE UNIQUE INDEX uq_stock_correction_document_id ON public.stock_correction USING btree (document_id)
index stock_correction.uq_stock_correction_reverses_document_id: CREATE UNIQUE INDEX uq_stock_correction_reverses_document_id ON public.stock_correction USING btree (reverses_document_id)
index stock_movement.ix_stock_movement_document_id: CREATE INDEX ix_stock_movement_document_id ON public.stock_movement USING btree (document_id)
index stock_movement.ix_stock_movement_lot_id: CREATE INDEX ix_stock_movement_lot_id ON public.stock_movement USING btree (lot_id, id)
index stock_movement.ix_stock_movement_source: CREATE INDEX ix_stock_movement_source ON public.stock_movement USING btree (source_kind, source_key, item_id, id)
index stock_movement.ix_stock_movement_target: CREATE INDEX ix_stock_movement_target ON public.stock_movement USING btree (target_kind, target_key, item_id, id)
index stock_movement.pk_stock_movement: CREATE UNIQUE INDEX pk_stock_movement ON public.stock_movement USING btree (id)
index stock_movement.uq_stock_movement_command_id_line: CREATE UNIQUE INDEX uq_stock_movement_command_id_line ON public.stock_movement USING btree (command_id, line)
index stock_movement.uq_stock_movement_reverses_id: CREATE UNIQUE INDEX uq_stock_movement_reverses_id ON public.stock_movement USING btree (reverses_id)
index stock_pace.pk_stock_pace: CREATE UNIQUE INDEX pk_stock_pace ON public.stock_pace USING btree (organisation_id, warehouse_id, item_id)
index stock_take.ix_stock_take_organisation_id_state: CREATE INDEX ix_stock_take_organisation_id_state ON public.stock_take USING btree (organisation_id, state)
index stock_take.ix_stock_take_warehouse_id_state: CREATE INDEX ix_stock_take_warehouse_id_state ON public.stock_take USING btree (warehouse_id, state)
index stock_take.pk_stock_take: CREATE UNIQUE INDEX pk_stock_take ON public.stock_take USING btree (id)
index stock_take.uq_stock_take_document_id: CREATE UNIQUE INDEX uq_stock_take_document_id ON public.stock_take USING btree (document_id)
index stock_take_count.ix_stock_take_count_line_id: CREATE INDEX ix_stock_take_count_line_id ON public.stock_take_count USING btree (line_id)
index stock_take_count.pk_stock_take_count: CREATE UNIQUE INDEX pk_stock_take_count ON public.stock_take_count USING btree (id)
index stock_take_draft.pk_stock_take_draft: CREATE UNIQUE INDEX pk_stock_take_draft ON public.stock_take_draft USING btree (line_id, person_id)
index stock_take_line.ix_stock_take_line_lot_id: CREATE INDEX ix_stock_take_line_lot_id ON public.stock_take_line USING btree (lot_id)
index stock_take_line.pk_stock_take_line: CREATE UNIQUE INDEX pk_stock_take_line ON public.stock_take_line USING btree (id)
index stock_take_line.uq_stock_take_line_take_id_lot_id_kind: CREATE UNIQUE INDEX uq_stock_take_line_take_id_lot_id_kind ON public.stock_take_line USING btree (take_id, lot_id, kind)
index stock_total.ix_stock_total_item_id: CREATE INDEX ix_stock_total_item_id ON public.stock_total USING btree (item_id, kind)
index stock_total.pk_stock_total: CREATE UNIQUE INDEX pk_stock_total ON public.stock_total USING btree (kind, key, organisation_id, item_id)
index transfer_request.ix_transfer_request_organisation_id_state: CREATE INDEX ix_transfer_request_organisation_id_state ON public.transfer_request USING btree (organisation_id, state)
index transfer_request.pk_transfer_request: CREATE UNIQUE INDEX pk_transfer_request ON public.transfer_request USING btree (id)
index transfer_request.uq_transfer_request_document_id: CREATE UNIQUE INDEX uq_transfer_request_document_id ON public.transfer_request USING btree (document_id)
index transfer_request_line.pk_transfer_request_line: CREATE UNIQUE INDEX pk_transfer_request_line ON public.transfer_request_line USING btree (request_id, item_id)
index transit.ix_transit_destination_id: CREATE INDEX ix_transit_destination_id ON public.transit USING btree (destination_id)
index transit.pk_transit: CREATE UNIQUE INDEX pk_transit ON public.transit USING btree (id)
index vehicle.ix_vehicle_carrier_id: CREATE INDEX ix_vehicle_carrier_id ON public.vehicle USING btree (carrier_id)
index vehicle.pk_vehicle: CREATE UNIQUE INDEX pk_vehicle ON public.vehicle USING btree (id)
index vehicle.uq_vehicle_organisation_id_plate: CREATE UNIQUE INDEX uq_vehicle_organisation_id_plate ON public.vehicle USING btree (organisation_id, plate)
index waybill.ix_waybill_destination_id_state: CREATE INDEX ix_waybill_destination_id_state ON public.waybill USING btree (destination_id, state)
index waybill.ix_waybill_organisation_id_state: CREATE INDEX ix_waybill_organisation_id_state ON public.waybill USING btree (organisation_id, state, expected_at)
index waybill.ix_waybill_plan_id: CREATE INDEX ix_waybill_plan_id ON public.waybill USING btree (plan_id)
index waybill.ix_waybill_request_id: CREATE INDEX ix_waybill_request_id ON public.waybill USING btree (request_id)
index waybill.ix_waybill_token_hash: CREATE INDEX ix_waybill_token_hash ON public.waybill USING btree (token_hash)
index waybill.pk_waybill: CREATE UNIQUE INDEX pk_waybill ON public.waybill USING btree (id)
index waybill.uq_waybill_document_id: CREATE UNIQUE INDEX uq_waybill_document_id ON public.waybill USING btree (document_id)
index waybill.uq_waybill_transit_id: CREATE UNIQUE INDEX uq_waybill_transit_id ON public.waybill USING btree (transit_id)
index waybill_line.ix_waybill_line_requisition_id: CREATE INDEX ix_waybill_line_requisition_id ON public.waybill_line USING btree (requisition_id)
index waybill_line.ix_waybill_line_waybill_id: CREATE INDEX ix_waybill_line_waybill_id ON public.waybill_line USING btree (waybill_id)
index waybill_line.pk_waybill_line: CREATE UNIQUE INDEX pk_waybill_line ON public.waybill_line USING btree (id)
index waybill_line.uq_waybill_line_waybill_id_line: CREATE UNIQUE INDEX uq_waybill_line_waybill_id_line ON public.waybill_line USING btree (waybill_id, line)
sequence alert_aside_id_seq: 
sequence alert_limit_id_seq: 
sequence appeal_id_seq: 
sequence assessment_id_seq: 
sequence audit_entry_id_seq: 
sequence audit_head_id_seq: 
sequence carrier_id_seq: 
sequence date_flag_id_seq: 
sequence document_id_seq: 
sequence feedback_id_seq: 
sequence goods_photo_id_seq: 
sequence goods_received_id_seq: 
sequence goods_received_line_id_seq: 
sequence hand_out_id_seq: 
sequence handover_id_seq: 
sequence handover_line_id_seq: 
sequence item_id_seq: 
sequence item_pack_id_seq: 
sequence kit_version_id_seq: 
sequence kit_work_id_seq: 
sequence login_attempt_id_seq: 
sequence login_session_id_seq: 
sequence loss_report_id_seq: 
sequence lot_id_seq: 
sequence organisation_id_seq: 
sequence outbox_entry_id_seq: 
sequence person_id_seq: 
sequence place_id_seq: 
sequence plan_case_id_seq: 
sequence plan_id_seq: 
sequence plan_line_id_seq: 
sequence plan_need_id_seq: 
sequence pledge_id_seq: 
sequence population_change_id_seq: 
sequence population_count_id_seq: 
sequence purchase_id_seq: 
sequence purchase_line_id_seq: 
sequence recall_id_seq: 
sequence receipt_id_seq: 
sequence receipt_line_id_seq: 
sequence requisition_id_seq: 
sequence requisition_step_id_seq: 
sequence reservation_id_seq: 
sequence role_grant_id_seq: 
sequence route_id_seq: 
sequence shopping_list_id_seq: 
sequence standard_id_seq: 
sequence stock_adjustment_id_seq: 
sequence stock_correction_id_seq: 
sequence stock_movement_id_seq: 
sequence stock_take_count_id_seq: 
sequence stock_take_id_seq: 
sequence stock_take_line_id_seq: 
sequence transfer_request_id_seq: 
sequence transit_id_seq: 
sequence vehicle_id_seq: 
sequence waybill_id_seq: 
sequence waybill_line_id_seq: 
table adjustment_limit.organisation_id: bigint NOT NULL
table adjustment_limit.packs: bigint
table adjustment_limit.permille: bigint
table alembic_version.version_num: character varying(32) NOT NULL
table alert_aside.ended_at: timestamp with time zone
table alert_aside.id: bigint NOT NULL DEFAULT nextval('alert_aside_id_seq'::regclass)
table alert_aside.kind: character varying(20) NOT NULL
table alert_aside.organisation_id: bigint NOT NULL
table alert_aside.place_id: bigint NOT NULL
table alert_aside.reason: character varying(200) NOT NULL
table alert_aside.set_at: timestamp with time zone NOT NULL
table alert_aside.set_by: bigint NOT NULL
table alert_aside.subject_id: bigint NOT NULL
table alert_aside.until: date NOT NULL
table alert_limit.days: bigint
table alert_limit.id: bigint NOT NULL DEFAULT nextval('alert_limit_id_seq'::regclass)
table alert_limit.item_id: bigint
table alert_limit.least: bigint
table alert_limit.organisation_id: bigint NOT NULL
table appeal.closes_on: date
table appeal.id: bigint NOT NULL DEFAULT nextval('appeal_id_seq'::regclass)
table appeal.opens_on: date NOT NULL
table appeal.organisation_id: bigint NOT NULL
table appeal.text: text NOT NULL
table appeal.title: character varying(200) NOT NULL
table appeal_item.appeal_id: bigint NOT NULL
table appeal_item.item_id: bigint NOT NULL
table appeal_item.wanted: bigint NOT NULL
table assessment.assessed_on: date NOT NULL
table assessment.confidence: character varying(20) NOT NULL
table assessment.id: bigint NOT NULL DEFAULT nextval('assessment_id_seq'::regclass)
table assessment.item_id: bigint NOT NULL
table assessment.method: character varying(200) NOT NULL
table assessment.place_id: bigint NOT NULL
table assessment.quantity: bigint NOT NULL
table assessment.recorded_at: timestamp with time zone NOT NULL
table assessment.recorded_by: bigint NOT NULL
table assessment.source: character varying(200) NOT NULL
table assessment.valid_until: date
table assessment.withdrawn_at: timestamp with time zone
table assessment.withdrawn_by: bigint
table assessment.withdrawn_why: character varying(200) NOT NULL
table audit_entry.actor_id: bigint
table audit_entry.at: timestamp with time zone NOT NULL
table audit_entry.content_hash: character varying(64) NOT NULL
table audit_entry.id: bigint NOT NULL DEFAULT nextval('audit_entry_id_seq'::regclass)
table audit_entry.previous: character varying(64) NOT NULL
table audit_entry.seal: character varying(64) NOT NULL
table audit_entry.subject: character varying(80) NOT NULL
table audit_entry.verb: character varying(80) NOT NULL
table audit_head.entry_id: bigint NOT NULL
table audit_head.id: bigint NOT NULL DEFAULT nextval('audit_head_id_seq'::regclass)
table audit_head.seal: character varying(64) NOT NULL
table carrier.active: boolean NOT NULL
table carrier.contact: character varying(200) NOT NULL
table carrier.contract: character varying(60) NOT NULL
table carrier.id: bigint NOT NULL DEFAULT nextval('carrier_id_seq'::regclass)
table carrier.name: character varying(120) NOT NULL
table carrier.organisation_id: bigint NOT NULL
table command.actor_id: bigint NOT NULL
table command.answer: text NOT NULL
table command.id: character varying(36) NOT NULL
table command.kind: character varying(60) NOT NULL
table command.outcome: character varying(10) NOT NULL
table command.recorded_at: timestamp with time zone NOT NULL
table command.request_hash: character varying(64) NOT NULL
table date_flag.document_id: bigint NOT NULL
table date_flag.flagged_at: timestamp with time zone NOT NULL
table date_flag.flagged_by: bigint NOT NULL
table date_flag.id: bigint NOT NULL DEFAULT nextval('date_flag_id_seq'::regclass)
table date_flag.key: bigint NOT NULL
table date_flag.kind: character varying(20) NOT NULL
table date_flag.lot_id: bigint NOT NULL
table date_flag.on_day: date NOT NULL
table date_flag.organisation_id: bigint NOT NULL
table date_flag.remark: character varying(400) NOT NULL
table date_flag.seen_at: timestamp with time zone
table date_flag.seen_by: bigint
table date_flag.short: bigint NOT NULL
table document.code: character varying(40) NOT NULL
table document.created_at: timestamp with time zone NOT NULL
table document.id: bigint NOT NULL DEFAULT nextval('document_id_seq'::regclass)
table document.number: bigint NOT NULL
table document.organisation_id: bigint NOT NULL
table document.series: character varying(4) NOT NULL
table document.year: bigint NOT NULL
table document_counter.last: bigint NOT NULL
table document_counter.organisation_id: bigint NOT NULL
table document_counter.series: character varying(4) NOT NULL
table document_counter.year: bigint NOT NULL
table feedback.about_document: character varying(40) NOT NULL
table feedback.answer: text NOT NULL
table feedback.answered_at: timestamp with time zone
table feedback.answered_by: bigint
table feedback.category: character varying(20) NOT NULL
table feedback.changed: text NOT NULL
table feedback.channel: character varying(20) NOT NULL
table feedback.due_on: date NOT NULL
table feedback.id: bigint NOT NULL DEFAULT nextval('feedback_id_seq'::regclass)
table feedback.organisation_id: bigint NOT NULL
table feedback.recorded_at: timestamp with time zone NOT NULL
table feedback.recorded_by: bigint NOT NULL
table feedback.said_on: date NOT NULL
table feedback.site_id: bigint NOT NULL
table feedback.state: character varying(20) NOT NULL
table feedback.text: text NOT NULL
table goods_photo.added_at: timestamp with time zone NOT NULL
table goods_photo.added_by: bigint NOT NULL
table goods_photo.id: bigint NOT NULL DEFAULT nextval('goods_photo_id_seq'::regclass)
table goods_photo.note_id: bigint NOT NULL
table goods_photo.sha256: character varying(64) NOT NULL
table goods_photo.size: bigint NOT NULL
table goods_received.arrived_at: timestamp with time zone NOT NULL
table goods_received.cites_id: bigint
table goods_received.document_id: bigint NOT NULL
table goods_received.id: bigint NOT NULL DEFAULT nextval('goods_received_id_seq'::regclass)
table goods_received.order_reference: character varying(60) NOT NULL
table goods_received.organisation_id: bigint NOT NULL
table goods_received.pledge_id: bigint
table goods_received.purchase_id: bigint
table goods_received.received_from: character varying(120) NOT NULL
table goods_received.recorded_at: timestamp with time zone NOT NULL
table goods_received.recorded_by: bigint NOT NULL
table goods_received.remark: text NOT NULL
table goods_received.source: character varying(20) NOT NULL
table goods_received.warehouse_id: bigint NOT NULL
table goods_received_line.damaged: bigint NOT NULL
table goods_received_line.declared: bigint NOT NULL
table goods_received_line.excess: bigint NOT NULL
table goods_received_line.good: bigint NOT NULL
table goods_received_line.id: bigint NOT NULL DEFAULT nextval('goods_received_line_id_seq'::regclass)
table goods_received_line.item_id: bigint NOT NULL
table goods_received_line.lot_id: bigint
table goods_received_line.missing: bigint NOT NULL
table goods_received_line.note_id: bigint NOT NULL
table goods_received_line.reason: character varying(200) NOT NULL
table goods_received_line.unpledged: boolean NOT NULL
table hand_out.document_id: bigint NOT NULL
table hand_out.handed_on: date NOT NULL
table hand_out.households: bigint NOT NULL
table hand_out.id: bigint NOT NULL DEFAULT nextval('hand_out_id_seq'::regclass)
table hand_out.organisation_id: bigint NOT NULL
table hand_out.recorded_at: timestamp with time zone NOT NULL
table hand_out.recorded_by: bigint NOT NULL
table hand_out.site_id: bigint NOT NULL
table handover.condition: character varying(200) NOT NULL
table handover.decided_at: timestamp with time zone
table handover.decided_by: bigint
table handover.decision_note: character varying(400) NOT NULL
table handover.destination_id: bigint
table handover.document_id: bigint NOT NULL
table handover.id: bigint NOT NULL DEFAULT nextval('handover_id_seq'::regclass)
table handover.offered_at: timestamp with time zone NOT NULL
table handover.offered_by: bigint NOT NULL
table handover.organisation_id: bigint NOT NULL
table handover.purpose: character varying(400) NOT NULL
table handover.state: character varying(20) NOT NULL
table handover.taker_id: bigint NOT NULL
table handover.warehouse_id: bigint NOT NULL
table handover.waybill_id: bigint
table handover_line.handover_id: bigint NOT NULL
table handover_line.id: bigint NOT NULL DEFAULT nextval('handover_line_id_seq'::regclass)
table handover_line.lot_id: bigint NOT NULL
table handover_line.quantity: bigint NOT NULL
table handover_line.reservation_id: bigint NOT NULL
table handover_line.taken_id: bigint
table import_file.choices: text NOT NULL
table import_file.content: text NOT NULL
table import_file.digest: character varying(64) NOT NULL
table import_file.id: character varying(40) NOT NULL
table import_file.imported_at: timestamp with time zone
table import_file.job_id: character varying(36)
table import_file.kind: character varying(20) NOT NULL
table import_file.name: character varying(120) NOT NULL
table import_file.organisation_id: bigint NOT NULL
table import_file.rows: bigint NOT NULL
table import_file.sent_at: timestamp with time zone NOT NULL
table import_file.sent_by: bigint NOT NULL
table item.active: boolean NOT NULL
table item.base_unit: character varying(20) NOT NULL
table item.category: character varying(40) NOT NULL
table item.code: character varying(40) NOT NULL
table item.id: bigint NOT NULL DEFAULT nextval('item_id_seq'::regclass)
table item.name_en: character varying(200) NOT NULL
table item.name_fr: character varying(200) NOT NULL
table item.name_rw: character varying(200) NOT NULL
table item.name_sw: character varying(200) NOT NULL
table item.source: character varying(200) NOT NULL
table item.tier: bigint NOT NULL
table item.volume_mm3: bigint
table item.weight_mg: bigint
table item.words: text NOT NULL
table item_pack.active: boolean NOT NULL
table item_pack.id: bigint NOT NULL DEFAULT nextval('item_pack_id_seq'::regclass)
table item_pack.issue: boolean NOT NULL
table item_pack.item_id: bigint NOT NULL
table item_pack.kind: character varying(20) NOT NULL
table item_pack.size: bigint NOT NULL
table job.attempts: bigint NOT NULL
table job.best: bigint
table job.bound: bigint
table job.created_at: timestamp with time zone NOT NULL
table job.created_by: bigint NOT NULL
table job.done: bigint NOT NULL
table job.ended_at: timestamp with time zone
table job.error: text NOT NULL
table job.heartbeat_at: timestamp with time zone
table job.id: character varying(36) NOT NULL
table job.kind: character varying(40) NOT NULL
table job.organisation_id: bigint NOT NULL
table job.payload: text NOT NULL
table job.result: text
table job.stage: character varying(40) NOT NULL
table job.started_at: timestamp with time zone
table job.state: character varying(20) NOT NULL
table job.total: bigint NOT NULL
table job.wish: character varying(20) NOT NULL
table kit_content.item_id: bigint NOT NULL
table kit_content.quantity: bigint NOT NULL
table kit_content.version_id: bigint NOT NULL
table kit_version.id: bigint NOT NULL DEFAULT nextval('kit_version_id_seq'::regclass)
table kit_version.item_id: bigint NOT NULL
table kit_version.made_at: timestamp with time zone NOT NULL
table kit_version.made_by: bigint NOT NULL
table kit_version.number: bigint NOT NULL
table kit_work.broken: boolean NOT NULL
table kit_work.document_id: bigint NOT NULL
table kit_work.id: bigint NOT NULL DEFAULT nextval('kit_work_id_seq'::regclass)
table kit_work.kits: bigint NOT NULL
table kit_work.lot_id: bigint NOT NULL
table kit_work.version_id: bigint NOT NULL
table login_attempt.account_hash: character varying(64) NOT NULL
table login_attempt.address_hash: character varying(64) NOT NULL
table login_attempt.at: timestamp with time zone NOT NULL
table login_attempt.id: bigint NOT NULL DEFAULT nextval('login_attempt_id_seq'::regclass)
table login_session.created_at: timestamp with time zone NOT NULL
table login_session.expires_at: timestamp with time zone NOT NULL
table login_session.id: bigint NOT NULL DEFAULT nextval('login_session_id_seq'::regclass)
table login_session.person_id: bigint NOT NULL
table login_session.revoked_at: timestamp with time zone
table login_session.seen_at: timestamp with time zone NOT NULL
table login_session.token_hash: character varying(64) NOT NULL
table loss_report.decided_at: timestamp with time zone
table loss_report.decided_by: bigint
table loss_report.document_id: bigint NOT NULL
table loss_report.id: bigint NOT NULL DEFAULT nextval('loss_report_id_seq'::regclass)
table loss_report.opened_at: timestamp with time zone NOT NULL
table loss_report.reason: character varying(400) NOT NULL
table loss_report.receipt_id: bigint NOT NULL
table loss_report.state: character varying(20) NOT NULL
table loss_report.waybill_id: bigint NOT NULL
table lot.created_at: timestamp with time zone NOT NULL
table lot.donor_name: character varying(120) NOT NULL
table lot.expires_on: date
table lot.gift_code: character varying(40) NOT NULL
table lot.id: bigint NOT NULL DEFAULT nextval('lot_id_seq'::regclass)
table lot.item_id: bigint NOT NULL
table lot.number: character varying(40) NOT NULL
table lot.organisation_id: bigint NOT NULL
table lot.origin: character varying(120) NOT NULL
table lot.pack_kind: character varying(20) NOT NULL
table lot.pack_size: bigint NOT NULL
table lot_earmark.lot_id: bigint NOT NULL
table lot_earmark.place_id: bigint NOT NULL
table lot_parent.document_id: bigint NOT NULL
table lot_parent.lot_id: bigint NOT NULL
table lot_parent.parent_id: bigint NOT NULL
table lot_parent.quantity: bigint NOT NULL
table lot_zone.lot_id: bigint NOT NULL
table lot_zone.place_id: bigint NOT NULL
table lot_zone.zone: character varying(40) NOT NULL
table need_choice.counts: character varying(20) NOT NULL
table need_choice.item_id: bigint NOT NULL
table need_choice.place_id: bigint NOT NULL
table need_choice.reason: character varying(400) NOT NULL
table need_choice.set_at: timestamp with time zone NOT NULL
table need_choice.set_by: bigint NOT NULL
table organisation.code: character varying(6) NOT NULL
table organisation.id: bigint NOT NULL DEFAULT nextval('organisation_id_seq'::regclass)
table organisation.name: character varying(200) NOT NULL
table outbox_entry.attempts: bigint NOT NULL
table outbox_entry.created_at: timestamp with time zone NOT NULL
table outbox_entry.id: bigint NOT NULL DEFAULT nextval('outbox_entry_id_seq'::regclass)
table outbox_entry.kind: character varying(20) NOT NULL
table outbox_entry.last_error: character varying(200) NOT NULL
table outbox_entry.not_before: timestamp with time zone NOT NULL
table outbox_entry.payload: text NOT NULL
table outbox_entry.sent_at: timestamp with time zone
table person.active: boolean NOT NULL
table person.created_at: timestamp with time zone NOT NULL
table person.id: bigint NOT NULL DEFAULT nextval('person_id_seq'::regclass)
table person.language: character varying(5) NOT NULL
table person.login: character varying(120) NOT NULL
table person.must_change_password: boolean NOT NULL
table person.name: character varying(200) NOT NULL
table person.organisation_id: bigint NOT NULL
table person.password_hash: character varying(200)
table place.access: character varying(20) NOT NULL
table place.active: boolean NOT NULL
table place.area: character varying(80) NOT NULL
table place.code: character varying(40) NOT NULL
table place.id: bigint NOT NULL DEFAULT nextval('place_id_seq'::regclass)
table place.kind: character varying(20) NOT NULL
table place.name: character varying(200) NOT NULL
table place.organisation_id: bigint NOT NULL
table place.protected: boolean NOT NULL
table plan.created_at: timestamp with time zone NOT NULL
table plan.created_by: bigint NOT NULL
table plan.decided_at: timestamp with time zone
table plan.decided_by: bigint
table plan.decision_note: character varying(400) NOT NULL
table plan.decisions: text NOT NULL
table plan.document_id: bigint NOT NULL
table plan.ends_on: date NOT NULL
table plan.id: bigint NOT NULL DEFAULT nextval('plan_id_seq'::regclass)
table plan.job_id: character varying(36)
table plan.note: text NOT NULL
table plan.organisation_id: bigint NOT NULL
table plan.problem: text NOT NULL
table plan.problem_sha256: character varying(64) NOT NULL
table plan.result: text
table plan.rule: character varying(20) NOT NULL
table plan.solved_at: timestamp with time zone
table plan.starts_on: date NOT NULL
table plan.state: character varying(20) NOT NULL
table plan.submitted_by: bigint
table plan.summary: text
table plan.title: character varying(200) NOT NULL
table plan_case.changes: text NOT NULL
table plan_case.created_at: timestamp with time zone NOT NULL
table plan_case.created_by: bigint NOT NULL
table plan_case.id: bigint NOT NULL DEFAULT nextval('plan_case_id_seq'::regclass)
table plan_case.job_id: character varying(36)
table plan_case.note: text NOT NULL
table plan_case.number: bigint NOT NULL
table plan_case.outcome: text
table plan_case.plan_id: bigint NOT NULL
table plan_case.problem: text NOT NULL
table plan_case.problem_sha256: character varying(64) NOT NULL
table plan_case.result: text
table plan_case.rule: character varying(20) NOT NULL
table plan_case.solved_at: timestamp with time zone
table plan_case.state: character varying(20) NOT NULL
table plan_case.summary: text
table plan_case.title: character varying(80) NOT NULL
table plan_line.id: bigint NOT NULL DEFAULT nextval('plan_line_id_seq'::regclass)
table plan_line.item_id: bigint NOT NULL
table plan_line.lot_id: bigint NOT NULL
table plan_line.pack_size: bigint NOT NULL
table plan_line.packs: bigint NOT NULL
table plan_line.plan_id: bigint NOT NULL
table plan_line.quantity: bigint NOT NULL
table plan_line.reservation_id: bigint
table plan_line.site_id: bigint NOT NULL
table plan_line.warehouse_id: bigint NOT NULL
table plan_need.after: bigint NOT NULL
table plan_need.approved: bigint
table plan_need.assessed: bigint
table plan_need.before: bigint NOT NULL
table plan_need.computed: bigint
table plan_need.counts: character varying(20) NOT NULL
table plan_need.counts_reason: character varying(400) NOT NULL
table plan_need.held: bigint NOT NULL
table plan_need.id: bigint NOT NULL DEFAULT nextval('plan_need_id_seq'::regclass)
table plan_need.item_id: bigint NOT NULL
table plan_need.need: bigint NOT NULL
table plan_need.plan_id: bigint NOT NULL
table plan_need.reason: text NOT NULL
table plan_need.sent: bigint NOT NULL
table plan_need.site_id: bigint NOT NULL
table pledge.appeal_id: bigint
table pledge.closing_note: character varying(200) NOT NULL
table pledge.collection_id: bigint
table pledge.created_at: timestamp with time zone NOT NULL
table pledge.document_id: bigint NOT NULL
table pledge.donor_id: bigint
table pledge.donor_name: character varying(120) NOT NULL
table pledge.expected_on: date
table pledge.id: bigint NOT NULL DEFAULT nextval('pledge_id_seq'::regclass)
table pledge.item_id: bigint NOT NULL
table pledge.organisation_id: bigint NOT NULL
table pledge.quantity: bigint NOT NULL
table pledge.received: bigint NOT NULL
table pledge.reference: character varying(20) NOT NULL
table pledge.state: character varying(20) NOT NULL
table pledge.token_hash: character varying(64) NOT NULL
table pledge_earmark.place_id: bigint NOT NULL
table pledge_earmark.pledge_id: bigint NOT NULL
table population_change.happened_on: date NOT NULL
table population_change.households: bigint
table population_change.id: bigint NOT NULL DEFAULT nextval('population_change_id_seq'::regclass)
table population_change.kind: character varying(20) NOT NULL
table population_change.people: bigint NOT NULL
table population_change.place_id: bigint NOT NULL
table population_change.recorded_at: timestamp with time zone NOT NULL
table population_change.recorded_by: bigint NOT NULL
table population_change.source: character varying(200) NOT NULL
table population_change.undoes_id: bigint
table population_count.confidence: character varying(20) NOT NULL
table population_count.counted_on: date NOT NULL
table population_count.households: bigint
table population_count.id: bigint NOT NULL DEFAULT nextval('population_count_id_seq'::regclass)
table population_count.people: bigint NOT NULL
table population_count.place_id: bigint NOT NULL
table population_count.recorded_at: timestamp with time zone NOT NULL
table population_count.recorded_by: bigint NOT NULL
table population_count.source: character varying(200) NOT NULL
table population_group.count_id: bigint NOT NULL
table population_group.group_code: character varying(20) NOT NULL
table population_group.number: bigint NOT NULL
table purchase.closing_note: character varying(200) NOT NULL
table purchase.created_at: timestamp with time zone NOT NULL
table purchase.created_by: bigint NOT NULL
table purchase.currency: character varying(3) NOT NULL
table purchase.document_id: bigint NOT NULL
table purchase.donor_name: character varying(120) NOT NULL
table purchase.expected_on: date
table purchase.id: bigint NOT NULL DEFAULT nextval('purchase_id_seq'::regclass)
table purchase.order_reference: character varying(60) NOT NULL
table purchase.organisation_id: bigint NOT NULL
table purchase.state: character varying(20) NOT NULL
table purchase.supplier: character varying(120) NOT NULL
table purchase.warehouse_id: bigint NOT NULL
table purchase_line.id: bigint NOT NULL DEFAULT nextval('purchase_line_id_seq'::regclass)
table purchase_line.item_id: bigint NOT NULL
table purchase_line.price: bigint
table purchase_line.purchase_id: bigint NOT NULL
table purchase_line.quantity: bigint NOT NULL
table purchase_line.received: bigint NOT NULL
table recall.closed_at: timestamp with time zone
table recall.closed_by: bigint
table recall.closing_note: character varying(400) NOT NULL
table recall.document_id: bigint NOT NULL
table recall.id: bigint NOT NULL DEFAULT nextval('recall_id_seq'::regclass)
table recall.opened_at: timestamp with time zone NOT NULL
table recall.opened_by: bigint NOT NULL
table recall.organisation_id: bigint NOT NULL
table recall.why: character varying(400) NOT NULL
table recall_lot.lot_id: bigint NOT NULL
table recall_lot.named: boolean NOT NULL
table recall_lot.recall_id: bigint NOT NULL
table receipt.arrived_at: timestamp with time zone NOT NULL
table receipt.booked: boolean NOT NULL
table receipt.channel: character varying(20) NOT NULL
table receipt.document_id: bigint NOT NULL
table receipt.id: bigint NOT NULL DEFAULT nextval('receipt_id_seq'::regclass)
table receipt.received_by: character varying(120) NOT NULL
table receipt.recorded_at: timestamp with time zone NOT NULL
table receipt.recorded_by: bigint NOT NULL
table receipt.remark: text NOT NULL
table receipt.waybill_id: bigint NOT NULL
table receipt_line.damaged: bigint NOT NULL
table receipt_line.excess: bigint NOT NULL
table receipt_line.good: bigint NOT NULL
table receipt_line.id: bigint NOT NULL DEFAULT nextval('receipt_line_id_seq'::regclass)
table receipt_line.missing: bigint NOT NULL
table receipt_line.receipt_id: bigint NOT NULL
table receipt_line.waybill_line_id: bigint NOT NULL
table requisition.asked_by: character varying(120) NOT NULL
table requisition.asked_on: date NOT NULL
table requisition.document_id: bigint NOT NULL
table requisition.id: bigint NOT NULL DEFAULT nextval('requisition_id_seq'::regclass)
table requisition.needed_by: date
table requisition.organisation_id: bigint NOT NULL
table requisition.paper: character varying(60) NOT NULL
table requisition.reason: character varying(400) NOT NULL
table requisition.recorded_at: timestamp with time zone NOT NULL
table requisition.recorded_by: bigint NOT NULL
table requisition.site_id: bigint NOT NULL
table requisition.state: character varying(20) NOT NULL
table requisition_line.approved: bigint
table requisition_line.asked: bigint NOT NULL
table requisition_line.item_id: bigint NOT NULL
table requisition_line.on_road: bigint NOT NULL
table requisition_line.prepared: bigint NOT NULL
table requisition_line.reason: character varying(200) NOT NULL
table requisition_line.received: bigint NOT NULL
table requisition_line.requisition_id: bigint NOT NULL
table requisition_step.at: timestamp with time zone NOT NULL
table requisition_step.by: bigint NOT NULL
table requisition_step.id: bigint NOT NULL DEFAULT nextval('requisition_step_id_seq'::regclass)
table requisition_step.kind: character varying(20) NOT NULL
table requisition_step.note: character varying(400) NOT NULL
table requisition_step.requisition_id: bigint NOT NULL
table reservation.command_id: character varying(36) NOT NULL
table reservation.destination_id: bigint NOT NULL
table reservation.document_id: bigint NOT NULL
table reservation.ended_at: timestamp with time zone
table reservation.ends_at: timestamp with time zone
table reservation.id: bigint NOT NULL DEFAULT nextval('reservation_id_seq'::regclass)
table reservation.key: bigint NOT NULL
table reservation.kind: character varying(20) NOT NULL
table reservation.lot_id: bigint NOT NULL
table reservation.made_at: timestamp with time zone NOT NULL
table reservation.quantity: bigint NOT NULL
table reservation.state: character varying(20) NOT NULL
table role_grant.id: bigint NOT NULL DEFAULT nextval('role_grant_id_seq'::regclass)
table role_grant.organisation_id: bigint NOT NULL
table role_grant.person_id: bigint NOT NULL
table role_grant.place_id: bigint
table role_grant.role: character varying(20) NOT NULL
table route.access: character varying(20) NOT NULL
table route.closed_from: date
table route.closed_until: date
table route.cost_per_tonne: bigint NOT NULL
table route.currency: character varying(3) NOT NULL
table route.destination_id: bigint NOT NULL
table route.id: bigint NOT NULL DEFAULT nextval('route_id_seq'::regclass)
table route.km: bigint NOT NULL
table route.max_grams: bigint
table route.max_litres: bigint
table route.minutes: bigint NOT NULL
table route.origin_id: bigint NOT NULL
table route_vehicle_class.route_id: bigint NOT NULL
table route_vehicle_class.vehicle_class: character varying(20) NOT NULL
table setting.name: character varying(60) NOT NULL
table setting.value: text NOT NULL
table shopping_list.answer: text
table shopping_list.asked: text NOT NULL
table shopping_list.created_at: timestamp with time zone NOT NULL
table shopping_list.created_by: bigint NOT NULL
table shopping_list.id: bigint NOT NULL DEFAULT nextval('shopping_list_id_seq'::regclass)
table shopping_list.job_id: character varying(36)
table shopping_list.note: text NOT NULL
table shopping_list.number: bigint NOT NULL
table shopping_list.plan_id: bigint NOT NULL
table shopping_list.sent_at: timestamp with time zone
table shopping_list.sent_to: character varying(200) NOT NULL
table shopping_list.solved_at: timestamp with time zone
table shopping_list.state: character varying(20) NOT NULL
table site_condition.climate: character varying(20) NOT NULL
table site_condition.phase: character varying(20) NOT NULL
table site_condition.place_id: bigint NOT NULL
table site_condition.set_at: timestamp with time zone NOT NULL
table site_condition.set_by: bigint NOT NULL
table site_point.latitude: bigint NOT NULL
table site_point.longitude: bigint NOT NULL
table site_point.place_id: bigint NOT NULL
table standard.approved_by: bigint NOT NULL
table standard.basis: character varying(20) NOT NULL
table standard.climate: character varying(20) NOT NULL
table standard.edition: character varying(80) NOT NULL
table standard.id: bigint NOT NULL DEFAULT nextval('standard_id_seq'::regclass)
table standard.in_force: boolean NOT NULL
table standard.item_id: bigint NOT NULL
table standard.note: text NOT NULL
table standard.per: bigint NOT NULL
table standard.phase: character varying(20) NOT NULL
table standard.quantity: bigint NOT NULL
table standard.recurs_days: bigint
table standard.source: character varying(200) NOT NULL
table standard.valid_from: date NOT NULL
table stock_adjustment.answer: character varying(400) NOT NULL
table stock_adjustment.asked_at: timestamp with time zone NOT NULL
table stock_adjustment.asked_by: bigint NOT NULL
table stock_adjustment.cites: character varying(40) NOT NULL
table stock_adjustment.decided_at: timestamp with time zone
table stock_adjustment.decided_by: bigint
table stock_adjustment.document_id: bigint NOT NULL
table stock_adjustment.id: bigint NOT NULL DEFAULT nextval('stock_adjustment_id_seq'::regclass)
table stock_adjustment.item_id: bigint NOT NULL
table stock_adjustment.lot_id: bigint NOT NULL
table stock_adjustment.organisation_id: bigint NOT NULL
table stock_adjustment.quantity: bigint NOT NULL
table stock_adjustment.state: character varying(20) NOT NULL
table stock_adjustment.warehouse_id: bigint NOT NULL
table stock_adjustment.what: character varying(20) NOT NULL
table stock_balance.item_id: bigint NOT NULL
table stock_balance.key: bigint NOT NULL
table stock_balance.kind: character varying(20) NOT NULL
table stock_balance.lot_id: bigint NOT NULL
table stock_balance.on_hand: bigint NOT NULL
table stock_balance.organisation_id: bigint NOT NULL
table stock_balance.reserved: bigint NOT NULL
table stock_correction.document_id: bigint NOT NULL
table stock_correction.id: bigint NOT NULL DEFAULT nextval('stock_correction_id_seq'::regclass)
table stock_correction.reason: character varying(20) NOT NULL
table stock_correction.remark: character varying(400) NOT NULL
table stock_correction.reverses_document_id: bigint
table stock_movement.command_id: character varying(36) NOT NULL
table stock_movement.document_id: bigint NOT NULL
table stock_movement.id: bigint NOT NULL DEFAULT nextval('stock_movement_id_seq'::regclass)
table stock_movement.item_id: bigint NOT NULL
table stock_movement.kind: character varying(20) NOT NULL
table stock_movement.line: bigint NOT NULL
table stock_movement.lot_id: bigint NOT NULL
table stock_movement.occurred_at: timestamp with time zone NOT NULL
table stock_movement.quantity: bigint NOT NULL
table stock_movement.recorded_at: timestamp with time zone NOT NULL
table stock_movement.recorded_by: bigint NOT NULL
table stock_movement.reverses_id: bigint
table stock_movement.source_key: bigint NOT NULL
table stock_movement.source_kind: character varying(20) NOT NULL
table stock_movement.target_key: bigint NOT NULL
table stock_movement.target_kind: character varying(20) NOT NULL
table stock_pace.item_id: bigint NOT NULL
table stock_pace.left: bigint NOT NULL
table stock_pace.needed: bigint NOT NULL
table stock_pace.organisation_id: bigint NOT NULL
table stock_pace.sites: bigint NOT NULL
table stock_pace.unknown: bigint NOT NULL
table stock_pace.warehouse_id: bigint NOT NULL
table stock_pace.worked_out_at: timestamp with time zone NOT NULL
table stock_take.counted_at: timestamp with time zone
table stock_take.counted_by: bigint
table stock_take.decided_at: timestamp with time zone
table stock_take.decided_by: bigint
table stock_take.document_id: bigint NOT NULL
table stock_take.id: bigint NOT NULL DEFAULT nextval('stock_take_id_seq'::regclass)
table stock_take.opened_at: timestamp with time zone NOT NULL
table stock_take.opened_by: bigint NOT NULL
table stock_take.organisation_id: bigint NOT NULL
table stock_take.remark: character varying(400) NOT NULL
table stock_take.scope: character varying(20) NOT NULL
table stock_take.state: character varying(20) NOT NULL
table stock_take.warehouse_id: bigint NOT NULL
table stock_take.zone: character varying(40) NOT NULL
table stock_take_count.channel: character varying(10) NOT NULL
table stock_take_count.counted_by: bigint NOT NULL
table stock_take_count.id: bigint NOT NULL DEFAULT nextval('stock_take_count_id_seq'::regclass)
table stock_take_count.line_id: bigint NOT NULL
table stock_take_count.moved: boolean NOT NULL
table stock_take_count.quantity: bigint NOT NULL
table stock_take_count.recorded_at: timestamp with time zone NOT NULL
table stock_take_count.round: bigint NOT NULL
table stock_take_draft.line_id: bigint NOT NULL
table stock_take_draft.loose: character varying(40) NOT NULL
table stock_take_draft.packs: character varying(40) NOT NULL
table stock_take_draft.person_id: bigint NOT NULL
table stock_take_draft.saved_at: timestamp with time zone NOT NULL
table stock_take_line.added: boolean NOT NULL
table stock_take_line.book: bigint
table stock_take_line.counted: bigint
table stock_take_line.id: bigint NOT NULL DEFAULT nextval('stock_take_line_id_seq'::regclass)
table stock_take_line.item_id: bigint NOT NULL
table stock_take_line.kind: character varying(20) NOT NULL
table stock_take_line.lot_id: bigint NOT NULL
table stock_take_line.position: bigint
table stock_take_line.reason: character varying(20)
table stock_take_line.recount: character varying(20)
table stock_take_line.remark: character varying(200) NOT NULL
table stock_take_line.round: bigint NOT NULL
table stock_take_line.since: bigint NOT NULL
table stock_take_line.take_id: bigint NOT NULL
table stock_total.item_id: bigint NOT NULL
table stock_total.key: bigint NOT NULL
table stock_total.kind: character varying(20) NOT NULL
table stock_total.on_hand: bigint NOT NULL
table stock_total.organisation_id: bigint NOT NULL
table stock_total.reserved: bigint NOT NULL
table transfer_request.closed_at: timestamp with time zone
table transfer_request.closed_by: bigint
table transfer_request.closing_note: character varying(200) NOT NULL
table transfer_request.destination_id: bigint NOT NULL
table transfer_request.document_id: bigint NOT NULL
table transfer_request.id: bigint NOT NULL DEFAULT nextval('transfer_request_id_seq'::regclass)
table transfer_request.organisation_id: bigint NOT NULL
table transfer_request.origin_id: bigint NOT NULL
table transfer_request.remark: character varying(400) NOT NULL
table transfer_request.requested_at: timestamp with time zone NOT NULL
table transfer_request.requested_by: bigint NOT NULL
table transfer_request.state: character varying(20) NOT NULL
table transfer_request.wanted_by: date
table transfer_request_line.item_id: bigint NOT NULL
table transfer_request_line.quantity: bigint NOT NULL
table transfer_request_line.request_id: bigint NOT NULL
table transit.closed_at: timestamp with time zone
table transit.destination_id: bigint NOT NULL
table transit.id: bigint NOT NULL DEFAULT nextval('transit_id_seq'::regclass)
table transit.opened_at: timestamp with time zone NOT NULL
table transit.origin_id: bigint NOT NULL
table vehicle.active: boolean NOT NULL
table vehicle.base_id: bigint
table vehicle.carrier_id: bigint
table vehicle.id: bigint NOT NULL DEFAULT nextval('vehicle_id_seq'::regclass)
table vehicle.max_grams: bigint NOT NULL
table vehicle.max_litres: bigint NOT NULL
table vehicle.organisation_id: bigint NOT NULL
table vehicle.plate: character varying(20) NOT NULL
table vehicle.vehicle_class: character varying(20)
table waybill.carrier: character varying(120) NOT NULL
table waybill.check_code: character varying(4) NOT NULL
table waybill.closed_at: timestamp with time zone
table waybill.destination_id: bigint NOT NULL
table waybill.document_id: bigint NOT NULL
table waybill.driver: character varying(120) NOT NULL
table waybill.expected_at: timestamp with time zone
table waybill.id: bigint NOT NULL DEFAULT nextval('waybill_id_seq'::regclass)
table waybill.left_at: timestamp with time zone
table waybill.loaded_by: bigint
table waybill.meeting_point: character varying(200) NOT NULL
table waybill.organisation_id: bigint NOT NULL
table waybill.origin_id: bigint NOT NULL
table waybill.plan_id: bigint
table waybill.plate: character varying(20) NOT NULL
table waybill.prepared_at: timestamp with time zone NOT NULL
table waybill.prepared_by: bigint NOT NULL
table waybill.request_id: bigint
table waybill.seal: character varying(40) NOT NULL
table waybill.state: character varying(20) NOT NULL
table waybill.token_hash: character varying(64) NOT NULL
table waybill.transit_id: bigint
table waybill_line.grams: bigint
table waybill_line.id: bigint NOT NULL DEFAULT nextval('waybill_line_id_seq'::regclass)
table waybill_line.item_id: bigint NOT NULL
table waybill_line.line: bigint NOT NULL
table waybill_line.lot_id: bigint NOT NULL
table waybill_line.millilitres: bigint
table waybill_line.pack_size: bigint NOT NULL
table waybill_line.quantity: bigint NOT NULL
table waybill_line.remark: character varying(200) NOT NULL
table waybill_line.requisition_id: bigint
table waybill_line.reservation_id: bigint
table waybill_line.waybill_id: bigint NOT NULL
trigger audit_entry.audit_entry_frozen: CREATE TRIGGER audit_entry_frozen BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger audit_entry.audit_entry_not_emptied: CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()
trigger command.command_frozen: CREATE TRIGGER command_frozen BEFORE DELETE OR UPDATE ON public.command FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger command.command_not_emptied: CREATE TRIGGER command_not_emptied BEFORE TRUNCATE ON public.command FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()
trigger document.document_frozen: CREATE TRIGGER document_frozen BEFORE DELETE OR UPDATE ON public.document FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger document.document_not_emptied: CREATE TRIGGER document_not_emptied BEFORE TRUNCATE ON public.document FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()
trigger item_pack.item_pack_fixed: CREATE TRIGGER item_pack_fixed BEFORE UPDATE ON public.item_pack FOR EACH ROW EXECUTE FUNCTION aidlog_item_pack_fixed()
trigger kit_content.kit_content_frozen: CREATE TRIGGER kit_content_frozen BEFORE DELETE OR UPDATE ON public.kit_content FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger kit_content.kit_content_not_emptied: CREATE TRIGGER kit_content_not_emptied BEFORE TRUNCATE ON public.kit_content FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()
trigger kit_version.kit_version_frozen: CREATE TRIGGER kit_version_frozen BEFORE DELETE OR UPDATE ON public.kit_version FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger kit_version.kit_version_not_emptied: CREATE TRIGGER kit_version_not_emptied BEFORE TRUNCATE ON public.kit_version FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()
trigger kit_work.kit_work_frozen: CREATE TRIGGER kit_work_frozen BEFORE DELETE OR UPDATE ON public.kit_work FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger kit_work.kit_work_not_emptied: CREATE TRIGGER kit_work_not_emptied BEFORE TRUNCATE ON public.kit_work FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()
trigger lot.lot_fixed: CREATE TRIGGER lot_fixed BEFORE UPDATE ON public.lot FOR EACH ROW EXECUTE FUNCTION aidlog_lot_fixed()
trigger lot.lot_kept: CREATE TRIGGER lot_kept BEFORE DELETE ON public.lot FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger lot_parent.lot_parent_frozen: CREATE TRIGGER lot_parent_frozen BEFORE DELETE OR UPDATE ON public.lot_parent FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger lot_parent.lot_parent_not_emptied: CREATE TRIGGER lot_parent_not_emptied BEFORE TRUNCATE ON public.lot_parent FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()
trigger recall_lot.recall_lot_frozen: CREATE TRIGGER recall_lot_frozen BEFORE DELETE OR UPDATE ON public.recall_lot FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger recall_lot.recall_lot_not_emptied: CREATE TRIGGER recall_lot_not_emptied BEFORE TRUNCATE ON public.recall_lot FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()
trigger reservation.reservation_end: CREATE TRIGGER reservation_end BEFORE UPDATE ON public.reservation FOR EACH ROW EXECUTE FUNCTION aidlog_reservation_end()
trigger reservation.reservation_hold: CREATE TRIGGER reservation_hold AFTER INSERT ON public.reservation FOR EACH ROW EXECUTE FUNCTION aidlog_reservation_hold()
trigger reservation.reservation_kept: CREATE TRIGGER reservation_kept BEFORE DELETE ON public.reservation FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger stock_movement.stock_movement_apply: CREATE TRIGGER stock_movement_apply AFTER INSERT ON public.stock_movement FOR EACH ROW EXECUTE FUNCTION aidlog_movement_apply()
trigger stock_movement.stock_movement_check: CREATE TRIGGER stock_movement_check BEFORE INSERT ON public.stock_movement FOR EACH ROW EXECUTE FUNCTION aidlog_movement_check()
trigger stock_movement.stock_movement_frozen: CREATE TRIGGER stock_movement_frozen BEFORE DELETE OR UPDATE ON public.stock_movement FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()
trigger stock_movement.stock_movement_not_emptied: CREATE TRIGGER stock_movement_not_emptied BEFORE TRUNCATE ON public.stock_movement FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()
