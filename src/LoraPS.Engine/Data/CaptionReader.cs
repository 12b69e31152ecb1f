using System.Text;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>Reads the caption file of a picture.</summary>
/// <remarks>
/// The rules of sd-scripts 48d368fa (DreamBoothDataset.read_caption), but for two: a byte-order mark is not taken for part
/// of the first tag, and a file without a line is an empty caption instead of the end of the run.
/// </remarks>
public static class CaptionReader
{
    private const int FaceSuffixParts = 4;
    private const int MaxLength = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The caption of a picture, or null where it has no caption file.</summary>
    /// <param name="imagePath">The picture.</param>
    /// <param name="extension">Ending of caption files; a missing dot is added.</param>
    /// <param name="allLines">True for all lines that have text, joined by "\n"; false for the first line.</param>
    /// <param name="followLinks">Whether the file may be a link that leads out of the picture's folder. What is in captions becomes part of the LoRA.</param>
    /// <exception cref="CaptionUnreadableException">The file is not UTF-8, is larger than 1 MiB, or is such a link.</exception>
    public static string? Read(string imagePath, string extension, bool allLines, bool followLinks = false)
    {
        var path = Candidates(imagePath, extension).FirstOrDefault(File.Exists);
        if (path is null)
            return null;
        if (!followLinks && FileLinks.LeadOutside(path, Path.GetDirectoryName(Path.GetFullPath(imagePath))!))
            throw new CaptionUnreadableException(path, "is a link that leads out of its folder. Put the file in its place, or allow such links.");
        var lines = ReadText(path).Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n', '\r');
        return allLines
            ? string.Join('\n', lines.Select(line => line.Trim()).Where(line => line.Length > 0))
            : lines[0].Trim();
    }

    /// <summary>The picture's name with the ending; for names of five parts and more also without the last four, which say where a face is.</summary>
    private static IEnumerable<string> Candidates(string imagePath, string extension)
    {
        var ending = extension.StartsWith('.') ? extension : "." + extension;
        var folder = Path.GetDirectoryName(imagePath) ?? "";
        var stem = Path.GetFileNameWithoutExtension(imagePath);
        yield return Path.Combine(folder, stem + ending);
        var parts = stem.Split('_');
        if (parts.Length > FaceSuffixParts)
            yield return Path.Combine(folder, string.Join('_', parts[..^FaceSuffixParts]) + ending);
    }

    private static string ReadText(string path)
    {
        try
        {
            return StrictUtf8.GetString(BoundedFile.ReadBytes(path, MaxLength)).TrimStart('\uFEFF');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CaptionUnreadableException(path, $"cannot be read: {e.Message}", innerException: e);
        }
        catch (DecoderFallbackException e)
        {
            throw new CaptionUnreadableException(path, $"is not UTF-8 text: byte {e.Index} does not belong there. Save the file as UTF-8.", e.Index, e);
        }
    }
}
