using System.Text;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Reports.Facts;
using LoraPS.Engine.Reports.Html;
using LoraPS.Engine.Reports.Sections;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Reports;

/// <summary>Writes one page of HTML on a training run, a LoRA, or a merge.</summary>
/// <remarks>The page needs nothing but itself. Of the same input it is the same, byte for byte: it bears no date of its own, and names of files without their folders.</remarks>
public static class LoraReport
{
    /// <summary>Extension of the page.</summary>
    public const string Extension = ".html";

    /// <summary>Tells what a report would be of, from the headers of files alone.</summary>
    /// <param name="source">What it is of.</param>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="ReportSourceException">It is nothing that can be reported on.</exception>
    public static ReportKind KindOf(ReportSource source) => SourceFinder.Find(source).Kind;

    /// <summary>Writes a report.</summary>
    /// <param name="source">What it is of.</param>
    /// <param name="destinationPath">The page.</param>
    /// <param name="options">How it is made; null for defaults.</param>
    /// <param name="events">Told how far the work is.</param>
    /// <param name="cancellationToken">Asked between files, modules and pictures.</param>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="ReportSourceException">It is nothing that can be reported on.</exception>
    /// <exception cref="EngineException">A file is damaged.</exception>
    /// <exception cref="DestinationExistsException">The destination exists and may not be replaced.</exception>
    /// <exception cref="WriteFailedException">The page cannot be written; an older one is unchanged.</exception>
    public static LoraReportResult Write(
        ReportSource source, string destinationPath, ReportOptions? options = null, IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new();
        Destination.Check(destinationPath, options.Force);
        var found = SourceFinder.Find(source);
        var facts = new FactReader(options, events, cancellationToken);
        var (page, pictures) = found.Kind switch
        {
            ReportKind.Training => facts.ReadTraining(found) is var run ? (TrainingPage.Of(run), run.Pictures.Count) : default,
            ReportKind.Merge => (MergePage.Of(facts.ReadMerge(found)), 0),
            _ => (LoraPage.Of(facts.ReadLora(found)), 0),
        };
        page = page with { Title = options.Title ?? page.Title };
        var bytes = Encoding.UTF8.GetBytes(page.Render());
        using var file = new AtomicFile(destinationPath);
        file.Write(bytes);
        file.Commit();
        return new(file.Path, found.Kind, found.Source.Path, page.Title, pictures, bytes.Length);
    }
}
