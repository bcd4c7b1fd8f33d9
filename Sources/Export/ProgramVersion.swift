/// The program, as files that it writes name it.
public enum Program {
  /// Its name.
  public static let name = "ltr"
  /// Its version.
  public static let version = "0.1.0"
}
