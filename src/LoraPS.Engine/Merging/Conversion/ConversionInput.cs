using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>An open LoRA in any of the forms: one file, or a PEFT folder with a file for each network.</summary>
internal sealed class ConversionInput : IDisposable
{
    /// <summary>What diffusers' pipelines call a LoRA they save into a folder (lora_base.py@58eb52c).</summary>
    private const string PipelineFileName = "pytorch_lora_weights.safetensors";

    private readonly List<SafetensorsFile> _files = [];
    private readonly List<ConvertedModule> _modules = [];

    private ConversionInput()
    {
    }

    /// <summary>The form it is in.</summary>
    public LoraFormat Format { get; private set; }

    /// <summary>All modules, in the order of the files.</summary>
    public IReadOnlyList<ConvertedModule> Modules => _modules;

    /// <summary>Everything the first file says of itself.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _files[0].Metadata;

    /// <summary>Whether it is for Stable Diffusion XL: as its names and shapes tell, else as its trainer wrote.</summary>
    public bool IsXl { get; private set; }

    /// <summary>Opens it.</summary>
    /// <param name="path">A file; or a folder, or the weights in one, as the PEFT library or a pipeline of diffusers saves it.</param>
    /// <param name="skipOthers">Pass over keys of no module.</param>
    /// <param name="events">Warned of what is passed over.</param>
    /// <exception cref="MissingFileException">There is no such file (LoraFileNotFound), or no configuration (PeftConfigMissing) or weights (PeftWeightsMissing).</exception>
    /// <exception cref="PeftConfigException">The configuration cannot be used.</exception>
    /// <exception cref="UnrecognisedLoraException">No key is of a known form, or factors do not belong together.</exception>
    /// <exception cref="LoraMergeException">Some keys are of no module that is known (LoraKeysUnknown).</exception>
    public static ConversionInput Open(string path, bool skipOthers, IProgress<EngineEvent>? events)
    {
        var input = new ConversionInput();
        try
        {
            var inFolder = Path.Combine(path, PipelineFileName);
            if (Directory.Exists(path) && !PeftAdapter.IsFolderOf(path) && File.Exists(inFolder))
                input.AddFile(inFolder, skipOthers, events);
            else if (Directory.Exists(path))
                input.AddAdapters(PeftAdapter.In(path), skipOthers, events);
            else
                input.AddFile(path, skipOthers, events);
            input.IsXl |= input.FamilyOfModules() == ModelFamily.StableDiffusionXL;
            return input;
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <summary>Closes the files. Tensors read from them stay valid.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private ModelFamily FamilyOfModules()
    {
        var known = _modules.Select(module => ModelFamilies.OfModule(module.Part, module.Path, module.Down.Shape[1])).FirstOrDefault(family => family != ModelFamily.Unknown);
        return known != ModelFamily.Unknown ? known : ModelFamilies.OfBaseModelVersion(Metadata.GetValueOrDefault(LoraMetadata.BaseModelVersionKey));
    }

    private void AddFile(string path, bool skipOthers, IProgress<EngineEvent>? events)
    {
        var file = LoraFile.Open(path);
        _files.Add(file);
        string[] keys = [.. file.Tensors.Select(tensor => tensor.Name)];
        var naming = LoraNamings.Detect(keys, file.Metadata) ?? throw new UnrecognisedLoraException(file.Path, keys);
        if (naming.Format == LoraFormat.PeftFolder)
        {
            _files.Clear();
            file.Dispose();
            AddAdapters([PeftAdapter.OfWeights(path)], skipOthers, events);
            return;
        }

        Format = naming.Format;
        IsXl = naming is KohyaLoraNaming { IsXl: true };
        _modules.AddRange(ConversionSource.Read(file, naming, PeftMetadata.Alphas(file.Metadata, path), skipOthers, events));
    }

    private void AddAdapters(IReadOnlyList<PeftAdapter> adapters, bool skipOthers, IProgress<EngineEvent>? events)
    {
        Format = LoraFormat.PeftFolder;
        foreach (var adapter in adapters)
        {
            var config = PeftConfig.Read(adapter.ConfigPath);
            var file = LoraFile.Open(adapter.WeightsPath);
            _files.Add(file);
            _modules.AddRange(ConversionSource.Read(file, new PeftLibraryNaming(adapter.IsSecondEncoder), (_, path, rank) => config.AlphaOf(path, rank), skipOthers, events));
        }

        if (_modules.CountBy(module => (module.Part, module.Path)).FirstOrDefault(count => count.Value > 1) is { Value: > 1 } twice)
            throw new UnrecognisedLoraException(_files[^1].Path, [twice.Key.Path], [$"{twice.Key.Path}, which is in {_files[0].Path} too"]);
    }
}
