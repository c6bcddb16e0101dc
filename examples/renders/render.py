"""Renders a torus whose inner radius is the last argument, into shot.png of the item's folder."""
import json
import math
import os
import sys
import time

import bpy

radius = float(sys.argv[-1])
started = time.monotonic()

bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
bpy.ops.mesh.primitive_torus_add(major_radius=1, minor_radius=radius, major_segments=64, minor_segments=24)
bpy.ops.object.shade_smooth()
torus = bpy.context.object
torus.rotation_euler = (math.radians(60), 0, math.radians(20))

light = bpy.data.objects.new("light", bpy.data.lights.new("light", type="SUN"))
light.data.energy = 3
light.rotation_euler = (math.radians(40), math.radians(25), 0)
scene.collection.objects.link(light)

camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
camera.location = (0, 0, 5)
scene.collection.objects.link(camera)
scene.camera = camera

# Cycles needs no display; a few samples are enough for a thumbnail.
scene.render.engine = "CYCLES"
scene.cycles.samples = 8
scene.cycles.seed = 0
scene.cycles.use_denoising = False
scene.render.threads_mode = "FIXED"
scene.render.threads = 1
scene.render.resolution_x = scene.render.resolution_y = 128
scene.render.filepath = os.path.join(os.getcwd(), "shot.png")
scene.render.image_settings.file_format = "PNG"

print("openjd_status: rendering")
bpy.ops.render.render(write_still=True)
print("mlfarm: " + json.dumps({"metric": "samples", "value": scene.cycles.samples}))
print("mlfarm: " + json.dumps({"metric": "seconds", "value": time.monotonic() - started}))
