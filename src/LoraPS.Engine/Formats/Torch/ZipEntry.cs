namespace LoraPS.Engine.Formats.Torch;

/// <summary>A file in an archive, stored without compression.</summary>
/// <param name="Name">Its name in the archive.</param>
/// <param name="Offset">First byte of its contents, counted from the start of the archive.</param>
/// <param name="Length">Bytes of its contents.</param>
internal sealed record ZipEntry(string Name, long Offset, long Length);
