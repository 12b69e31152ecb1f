using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.Configuration;

/// <summary>A whole training as a configuration file of sd-scripts describes it: model, pictures and options.</summary>
public sealed record TrainingConfig
{
    /// <summary>The model (<c>pretrained_model_name_or_path</c>), or null where the file does not say.</summary>
    public string? ModelPath { get; init; }

    /// <summary>A configuration of the data (<c>dataset_config</c>), or null.</summary>
    public string? DatasetConfigPath { get; init; }

    /// <summary>Folder of the pictures (<c>train_data_dir</c>), or null.</summary>
    public string? TrainDataPath { get; init; }

    /// <summary>Folder of the regularisation pictures (<c>reg_data_dir</c>), or null.</summary>
    public string? RegularizationDataPath { get; init; }

    /// <summary>Where relative paths of the file began, and those of <see cref="DatasetConfigPath"/> may begin; null where there was no file.</summary>
    public string? Folder { get; init; }

    /// <summary>File of the prompts of sample pictures (<c>sample_prompts</c>), or null where there is none; the prompts themselves are among the options.</summary>
    public string? SamplePromptsPath { get; init; }

    /// <summary>Resolutions with their folders, of a data set that no file describes; none where a path above names the pictures.</summary>
    public IReadOnlyList<DatasetOptions> Datasets { get; init; } = [];

    /// <summary>Resolution, batch size and buckets.</summary>
    public DatasetOptions Dataset { get; init; } = new();

    /// <summary>How pictures and captions are used.</summary>
    public SubsetOptions Subset { get; init; } = new();

    /// <summary>Folder of the LoRA (<c>output_dir</c>), or null.</summary>
    public string? OutputDirectory { get; init; }

    /// <summary>Name of the LoRA, without extension (<c>output_name</c>).</summary>
    /// <value>Default "last", as the finished file of sd-scripts is called.</value>
    public string OutputName { get; init; } = "last";

    /// <summary>Whether latents are kept for later runs, in a folder beside the LoRA (<c>cache_latents_to_disk</c>).</summary>
    public bool CachesOnDisk { get; init; }

    /// <summary>All other options; the destination is put together from folder and name.</summary>
    public TrainingOptions Training { get; init; } = new() { DestinationPath = "last.safetensors" };

    /// <summary>The configuration of a training that is described by objects.</summary>
    /// <param name="modelPath">The model.</param>
    /// <param name="dataset">Its pictures.</param>
    /// <param name="options">Its options.</param>
    public static TrainingConfig Of(string modelPath, LoraDataset dataset, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        var final = new TrainingPaths(options.DestinationPath).Final;
        return new()
        {
            ModelPath = Path.GetFullPath(modelPath),
            Datasets = [.. dataset.Groups.Select(group => group.Options)],
            OutputDirectory = Path.GetDirectoryName(final),
            OutputName = Path.GetFileNameWithoutExtension(final),
            CachesOnDisk = options.CachePath is not null,
            Training = options,
        };
    }

    /// <summary>Where latents are kept, beside the LoRA.</summary>
    /// <param name="outputDirectory">Folder of the LoRA.</param>
    internal static string CacheFolderOf(string outputDirectory) => Path.Combine(outputDirectory, "latents-cache");

    /// <summary>Opens the pictures: those of <see cref="DatasetConfigPath"/>, of <see cref="Datasets"/>, or of <see cref="TrainDataPath"/> and <see cref="RegularizationDataPath"/>.</summary>
    /// <param name="events">Told of everything that is left out or missing.</param>
    /// <exception cref="ArgumentException">Neither is given, or the options do not fit together.</exception>
    /// <exception cref="EngineException">There is no such folder, or no picture that can be used.</exception>
    public LoraDataset OpenDataset(IProgress<EngineEvent>? events = null)
    {
        if (DatasetConfigPath is not null)
            return LoraDataset.FromConfig(DatasetConfigPath, Dataset, Subset, events, Folder);
        if (Datasets.Count > 0)
            return LoraDataset.Create(Datasets[0].Subsets[0].ImageDirectory, Datasets, events);
        if (TrainDataPath is null)
            throw new ArgumentException("The configuration names no pictures: give train_data_dir or dataset_config.");
        return LoraDataset.FromFolder(TrainDataPath, Dataset, Subset, events, RegularizationDataPath);
    }

    /// <summary>Keys that were read and change nothing here, such as those of attention kernels and loader processes, in the order of the file.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];
}
