//! Contacts, their groups, imports, the blacklist, and numbers that were found to be dead.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::dialect::run(manager, UP).await
    }
}

const UP: &[&str] = &[
    "CREATE TABLE groups (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        remark TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, name)
    )",
    "CREATE TABLE contacts (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        number_sealed {BYTES} NOT NULL,
        number_blind {BYTES} NOT NULL,
        number_masked TEXT NOT NULL,
        number_tail TEXT NOT NULL,
        number_type TEXT NOT NULL,
        province TEXT,
        city TEXT,
        carrier TEXT,
        zone TEXT,
        remark TEXT NOT NULL,
        fields TEXT NOT NULL,
        others_sealed {BYTES},
        synthetic BOOLEAN NOT NULL,
        status TEXT NOT NULL,
        label_key TEXT,
        last_call_at BIGINT,
        dead_at BIGINT,
        archived_at BIGINT,
        import_id TEXT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE UNIQUE INDEX contacts_by_number ON contacts (tenant_id, number_blind)",
    // Holds what a search by part of a name reads, so that it never touches the wide rows.
    "CREATE INDEX contacts_by_name ON contacts (tenant_id, id, name)",
    "CREATE INDEX contacts_by_tail ON contacts (tenant_id, number_tail, id)",
    "CREATE TABLE contact_groups (
        tenant_id TEXT NOT NULL,
        group_id TEXT NOT NULL,
        contact_id TEXT NOT NULL,
        import_id TEXT,
        PRIMARY KEY (tenant_id, group_id, contact_id)
    )",
    "CREATE INDEX contact_groups_by_contact ON contact_groups (tenant_id, contact_id)",
    "CREATE TABLE imports (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        group_id TEXT NOT NULL,
        file_name TEXT NOT NULL,
        object_key TEXT NOT NULL,
        policy TEXT NOT NULL,
        mapping TEXT NOT NULL,
        headers TEXT NOT NULL,
        state TEXT NOT NULL,
        rows_estimate BIGINT NOT NULL,
        checkpoint BIGINT NOT NULL,
        accepted BIGINT NOT NULL,
        duplicate BIGINT NOT NULL,
        invalid BIGINT NOT NULL,
        blocked BIGINT NOT NULL,
        dead BIGINT NOT NULL,
        error_code TEXT,
        error_params TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        started_at BIGINT,
        finished_at BIGINT,
        PRIMARY KEY (tenant_id, id)
    )",
    // What did not become a new contact, cell by cell as it stood in the file.
    "CREATE TABLE import_rows (
        tenant_id TEXT NOT NULL,
        import_id TEXT NOT NULL,
        row_number BIGINT NOT NULL,
        verdict TEXT NOT NULL,
        code TEXT NOT NULL,
        dead BOOLEAN NOT NULL,
        cells_sealed {BYTES} NOT NULL,
        PRIMARY KEY (tenant_id, import_id, row_number)
    )",
    "CREATE TABLE blacklist (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        number_blind {BYTES} NOT NULL,
        number_sealed {BYTES} NOT NULL,
        number_masked TEXT NOT NULL,
        reason TEXT NOT NULL,
        source TEXT NOT NULL,
        created_by TEXT,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE UNIQUE INDEX blacklist_by_number ON blacklist (tenant_id, number_blind)",
    // Outlives the contact: who imports the number again is told.
    "CREATE TABLE dead_numbers (
        tenant_id TEXT NOT NULL,
        number_blind {BYTES} NOT NULL,
        found_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, number_blind)
    )",
];
