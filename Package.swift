// swift-tools-version: 6.2
import PackageDescription

// Modules stack in floors (ARCHITECTURE.md); an arrow only ever points down.
let package = Package(
  name: "holdfast",
  products: [
    .executable(name: "holdfast", targets: ["holdfast"]),
    .library(name: "HoldfastStore", targets: ["HoldfastStore"]),
  ],
  traits: [
    .trait(
      name: "PostgreSQL",
      description: "Stores on a PostgreSQL server; its client is loaded when one is opened."),
    .default(enabledTraits: ["PostgreSQL"]),
  ],
  targets: [
    // Floor 1: C libraries, one thin target each, and the one reader and writer of JSON.
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(name: "CMicroHTTPD"),
    .target(name: "CCurl"),
    .target(
      name: "CPostgreSQL",
      cSettings: [.define("HOLDFAST_POSTGRESQL", .when(traits: ["PostgreSQL"]))]),
    .target(name: "CTOML"),
    .target(name: "CSystem"),
    .target(name: "HoldfastJSON"),

    // Floor 2: SQL engines behind one protocol; values and pure rules.
    .target(
      name: "HoldfastDatabase", dependencies: ["CSQLite", "CPostgreSQL", "CSystem"]),
    .target(name: "HoldfastModel", dependencies: ["HoldfastJSON"]),

    // Floor 3: schema, operations, events.
    .target(
      name: "HoldfastStore",
      dependencies: ["HoldfastDatabase", "HoldfastModel", "HoldfastJSON", "CSodium", "CZstd"]),

    // Floor 4: the doors, and what reads and writes other systems' formats.
    .target(
      name: "HoldfastServer",
      dependencies: [
        "HoldfastStore", "HoldfastDatabase", "HoldfastModel", "HoldfastJSON", "CMicroHTTPD",
        "CSystem",
      ]),
    .target(
      name: "HoldfastClient",
      dependencies: [
        "HoldfastStore", "HoldfastDatabase", "HoldfastModel", "HoldfastJSON", "CCurl", "CSystem",
      ]),
    .target(
      name: "HoldfastMCP",
      dependencies: ["HoldfastStore", "HoldfastDatabase", "HoldfastModel", "HoldfastJSON"]),
    .target(
      name: "HoldfastExchange",
      dependencies: [
        "HoldfastStore", "HoldfastDatabase", "HoldfastModel", "HoldfastJSON", "CSQLite",
      ]),

    // Floor 5: the executable composes the rest.
    .executableTarget(
      name: "holdfast",
      dependencies: [
        "HoldfastServer", "HoldfastMCP", "HoldfastClient", "HoldfastExchange", "HoldfastStore",
        "HoldfastDatabase", "HoldfastModel", "HoldfastJSON", "CTOML", "CSystem",
      ]),

    // Tests mirror sources. CPowerCutVFS is a SQLite file system that loses power on demand.
    .target(name: "CPowerCutVFS", dependencies: ["CSQLite"], path: "Tests/CPowerCutVFS"),
    .testTarget(name: "HoldfastJSONTests", dependencies: ["HoldfastTesting", "HoldfastJSON"]),
    .testTarget(
      name: "HoldfastModelTests",
      dependencies: ["HoldfastTesting", "HoldfastModel", "HoldfastJSON"]),
    .testTarget(
      name: "HoldfastDatabaseTests",
      dependencies: ["HoldfastTesting", "HoldfastDatabase", "CPowerCutVFS", "CSQLite", "CSystem"]),
    .testTarget(
      name: "HoldfastStoreTests",
      dependencies: [
        "HoldfastTesting", "HoldfastStore", "HoldfastDatabase", "HoldfastModel", "HoldfastJSON",
        "CPowerCutVFS",
      ]),
    // What tests share; never linked into the binary.
    .target(
      name: "HoldfastTesting",
      dependencies: [
        "HoldfastServer", "HoldfastStore", "HoldfastDatabase", "HoldfastModel", "HoldfastJSON",
        "CSystem", "CSQLite",
      ], path: "Tests/HoldfastTesting"),
    .testTarget(
      name: "HoldfastExchangeTests",
      dependencies: [
        "HoldfastTesting", "HoldfastExchange", "HoldfastStore", "HoldfastDatabase",
        "HoldfastModel", "HoldfastJSON",
      ]),
    .testTarget(
      name: "HoldfastMCPTests",
      dependencies: [
        "HoldfastTesting", "HoldfastMCP", "HoldfastStore", "HoldfastModel", "HoldfastJSON",
      ]),
    .testTarget(
      name: "HoldfastServerTests",
      dependencies: [
        "HoldfastTesting", "HoldfastServer", "HoldfastStore", "HoldfastDatabase",
        "HoldfastModel", "HoldfastJSON",
      ]),
    .testTarget(
      name: "HoldfastTests",
      dependencies: [
        "holdfast", "HoldfastTesting", "HoldfastServer", "HoldfastClient", "HoldfastExchange",
        "HoldfastStore",
        "HoldfastModel", "HoldfastJSON", "CSystem",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x,
  cxxLanguageStandard: .cxx17
)

for target in package.targets where target.type != .system {
  let isSwift = !target.name.hasPrefix("C")
  if isSwift {
    target.swiftSettings = [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .treatAllWarnings(as: .error),
    ]
  }
}
