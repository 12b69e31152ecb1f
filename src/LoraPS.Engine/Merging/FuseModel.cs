using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>The open weights of a model: a single-file checkpoint, or a diffusers folder.</summary>
/// <remarks>
/// Of a folder, every safetensors file of the U-Net, the text encoders and the VAE counts, so that variants (fp16, EMA) and
/// parts of one file stay together; where a network has none, its .bin files do.
/// </remarks>
internal sealed class FuseModel : IDisposable
{
    private const string WeightsPattern = "*.safetensors";
    private const string PickledPattern = "*pytorch_model*.bin";

    private static readonly (string Folder, ModelPart Part)[] Networks =
        [("unet", ModelPart.UNet), ("text_encoder", ModelPart.TextEncoder), ("text_encoder_2", ModelPart.TextEncoder2), ("vae", ModelPart.Vae)];

    private readonly List<FuseModelFile> _files = [];

    /// <summary>Opens a model.</summary>
    /// <exception cref="MissingFileException">Nothing is there, or the folder has no U-Net weights (error id ModelNotFound).</exception>
    /// <exception cref="SafetensorsFormatException">A file is not valid safetensors.</exception>
    public FuseModel(string path)
    {
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        IsFolder = Directory.Exists(Path);
        if (!IsFolder && !File.Exists(Path))
            throw new MissingFileException(path, "ModelNotFound");
        try
        {
            if (IsFolder)
                OpenFolder();
            else
                _files.Add(new(TensorFile.OpenUnmapped(Path), System.IO.Path.GetFileName(Path), Part: null));
        }
        catch
        {
            Dispose();
            throw;
        }

        Family = ModelFamilies.Of(_files.SelectMany(file => file.File.Tensors));
        _files = _files.ConvertAll(file => file with { IsXl = Family == ModelFamily.StableDiffusionXL });
    }

    /// <summary>Full path of the file or folder.</summary>
    public string Path { get; }

    /// <summary>True for a diffusers folder.</summary>
    public bool IsFolder { get; }

    /// <summary>The kind of model, as far as names and shapes tell.</summary>
    public ModelFamily Family { get; }

    /// <summary>Its files with weights.</summary>
    public IReadOnlyList<FuseModelFile> Files => _files;

    /// <summary>All other files of the folder, relative to it; those that are hidden left out.</summary>
    public IReadOnlyList<string> OtherFiles() =>
    [
        .. FileLinks.FilesBelow(Path)
            .Select(file => System.IO.Path.GetRelativePath(Path, file))
            .Except(_files.Select(file => file.RelativePath))
            .Select(Inside),
    ];

    /// <summary>Refuses a link to a file that is no part of the model.</summary>
    private string Inside(string file)
    {
        var full = System.IO.Path.Combine(Path, file);
        // The Hugging Face cache keeps the files of models/snapshots/<revision> in models/blobs.
        var parent = System.IO.Path.GetDirectoryName(Path);
        var root = System.IO.Path.GetFileName(parent) == "snapshots" ? System.IO.Path.GetDirectoryName(parent)! : Path;
        return FileLinks.LeadOutside(full, root) ? throw new OutsideLinkException(full, root) : file;
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => _files.ForEach(file => file.File.Dispose());

    private void OpenFolder()
    {
        foreach (var (folder, part) in Networks)
        {
            var path = System.IO.Path.Combine(Path, folder);
            var weights = Weights(path, WeightsPattern) is { Count: > 0 } plain ? plain : Weights(path, PickledPattern);
            if (part == ModelPart.UNet && weights.Count == 0)
                throw new MissingFileException(System.IO.Path.Combine(path, WeightsPattern), "ModelNotFound");
            foreach (var file in weights)
                _files.Add(new(TensorFile.OpenUnmapped(file), System.IO.Path.GetRelativePath(Path, file), part));
        }
    }

    private static List<string> Weights(string folder, string pattern) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)] : [];
}
