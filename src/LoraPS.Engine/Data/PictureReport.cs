namespace LoraPS.Engine.Data;

/// <summary>What a check of a data set found out about one picture.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Size">Size, upright.</param>
/// <param name="Bucket">Size it is trained at.</param>
/// <param name="Enlargement">How many times longer its sides get; below 1 it is made smaller.</param>
/// <param name="CroppedShare">Share of its area that is cut away, 0 to 1.</param>
/// <param name="Repeats">How often its folder says it is seen in an epoch.</param>
/// <param name="IsRegularization">Whether it is a regularisation picture.</param>
/// <param name="Caption">Its caption file's text; null where there is no such file.</param>
/// <param name="DuplicateOf">Path of an earlier picture with exactly the same pixels, or null.</param>
/// <param name="Problem">Why its pixels cannot be read, or null.</param>
public sealed record PictureReport(
    string Path,
    ImageSize Size,
    ImageSize Bucket,
    double Enlargement,
    double CroppedShare,
    int Repeats,
    bool IsRegularization,
    string? Caption,
    string? DuplicateOf,
    string? Problem);
