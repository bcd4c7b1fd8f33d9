/// The program's name and version, as recorded in the files that it writes.
public enum Program {
  /// Its name.
  public static let name = "ltr"
  /// Its version.
  public static let version = "0.1.0"
}
