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

    /// <summary>Opens the pictures: those of <see cref="DatasetConfigPath"/>, or of <see cref="TrainDataPath"/> and <see cref="RegularizationDataPath"/>.</summary>
    /// <param name="events">Told of everything that is left out or missing.</param>
    /// <exception cref="ArgumentException">Neither is given, or the options do not fit together.</exception>
    /// <exception cref="EngineException">There is no such folder, or no picture that can be used.</exception>
    public LoraDataset OpenDataset(IProgress<EngineEvent>? events = null)
    {
        if (DatasetConfigPath is not null)
            return LoraDataset.FromConfig(DatasetConfigPath, Dataset, Subset, events);
        if (TrainDataPath is null)
            throw new ArgumentException("The configuration names no pictures: give train_data_dir or dataset_config.");
        List<SubsetOptions> subsets = [.. SubsetFolders.Find(TrainDataPath, Subset, events)];
        if (RegularizationDataPath is not null)
            subsets.AddRange(SubsetFolders.Find(RegularizationDataPath, Subset with { IsRegularization = true }, events));
        return LoraDataset.Create(TrainDataPath, [Dataset with { Subsets = subsets }], events);
    }

    /// <summary>Keys that were read and change nothing here, such as those of attention kernels and loader processes, in the order of the file.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];
}
