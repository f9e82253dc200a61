internal import HoldfastDatabase

/// The tables of what is attached to tasks.
enum AttachmentTables {
  static func statements(_ sql: Dialect) -> [String] {
    [
      // A row stays when its attachment is taken away, so that its place is not given out again.
      """
      CREATE TABLE attachments(
        id \(sql.key),
        task \(sql.integer) NOT NULL REFERENCES tasks(id),
        order_index \(sql.integer) NOT NULL DEFAULT 0,
        name \(sql.text) NOT NULL,
        mime_type \(sql.text) NOT NULL,
        attachment_type \(sql.text) NOT NULL DEFAULT '',
        hash \(sql.text) NOT NULL DEFAULT '',
        bytes \(sql.integer) NOT NULL DEFAULT 0,
        file_path \(sql.text) NOT NULL DEFAULT '',
        is_media \(sql.integer) NOT NULL DEFAULT 0,
        created_at \(sql.integer) NOT NULL,
        detached_at \(sql.integer),
        UNIQUE (task, order_index)
      ) \(sql.tableEnd)
      """,
      "CREATE INDEX attachments_by_hash ON attachments(hash) WHERE hash <> ''",
      """
      CREATE INDEX attachments_by_file ON attachments(\(sql.indexed("file_path")))
        WHERE file_path <> ''
      """,
      // Each content once, by the hash that attachments refer to.
      """
      CREATE TABLE blobs(
        id \(sql.givenKey),
        hash \(sql.text) NOT NULL UNIQUE,
        bytes \(sql.integer) NOT NULL,
        content \(sql.bytes) NOT NULL
      ) \(sql.longTableEnd)
      """,
    ]
  }
}
