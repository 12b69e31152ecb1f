using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>The open LoRAs that go into a model.</summary>
internal sealed class FuseSources : IDisposable
{
    private readonly List<(LoraSource Source, LoraReader Reader, ILookup<string, string> Names)> _all = [];
    private readonly bool _isXl;

    /// <summary>Opens all files.</summary>
    /// <param name="sources">The files.</param>
    /// <param name="isXl">Whether the model is Stable Diffusion XL.</param>
    /// <exception cref="ArgumentException">A ratio is not a finite number.</exception>
    /// <exception cref="MissingFileException">There is no such file (error id LoraFileNotFound).</exception>
    /// <exception cref="SafetensorsFormatException">A file is not valid safetensors.</exception>
    /// <exception cref="UnrecognisedLoraException">A file is no LoRA, or of a kind that cannot be merged.</exception>
    public FuseSources(IReadOnlyList<LoraSource> sources, bool isXl)
    {
        _isXl = isXl;
        try
        {
            foreach (var source in sources)
            {
                if (!double.IsFinite(source.Ratio))
                    throw new ArgumentException($"The ratio of {source.Path} is {source.Ratio}; a ratio is a finite number.", nameof(sources));
                var reader = LoraReader.Open(source.Path);
                _all.Add((source, reader, reader.Modules.ToLookup(module => NameInModel(module.Name), module => module.Name)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The files, in the order given.</summary>
    public IReadOnlyList<LoraReader> Readers => [.. _all.Select(entry => entry.Reader)];

    /// <summary>What the model calls a module of a LoRA: other trainers than sd-scripts spell those of Stable Diffusion XL otherwise.</summary>
    public string NameInModel(string module) => KohyaNames.Canonical(module, _isXl);

    /// <summary>Everything the LoRAs say about a module, terms of strength 0 among it.</summary>
    public IEnumerable<FuseTerm> TermsOf(string module) =>
        from entry in _all
        from name in entry.Names[module]
        let info = entry.Reader.Find(name)
        where info is not null
        select new FuseTerm(entry.Reader, info, entry.Source.WeightOf(module) * LoraMath.Scale(info.Alpha, info.Rank));

    /// <summary>The sources as a result records them.</summary>
    /// <param name="sha256Of">The hash of a file by its path.</param>
    public IReadOnlyList<MergedSource> Record(Func<string, string> sha256Of) =>
        _all.Select(entry => new MergedSource(Path.GetFullPath(entry.Source.Path), sha256Of(entry.Source.Path), entry.Source.Ratio, entry.Source.Blocks)).ToArray();

    /// <summary>Closes the files.</summary>
    public void Dispose() => _all.ForEach(entry => entry.Reader.Dispose());
}
