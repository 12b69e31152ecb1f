namespace LoraPS.Engine.Reports;

/// <summary>A report that was written.</summary>
/// <param name="Path">The page, as a full path.</param>
/// <param name="Kind">What it is of.</param>
/// <param name="Source">The file it is of, as a full path.</param>
/// <param name="Title">Its heading.</param>
/// <param name="PictureCount">Pictures in it: of the data set, and made on the way.</param>
/// <param name="Length">Bytes of the page.</param>
public sealed record LoraReportResult(string Path, ReportKind Kind, string Source, string Title, int PictureCount, long Length);
